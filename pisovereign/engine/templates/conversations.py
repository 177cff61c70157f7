"""The conversations that templates are tried with."""

from __future__ import annotations

from pisovereign.engine_client.types import FunctionCall, FunctionSpec, Message, Tool, ToolCall

# Words that no template has in it. Texts of probes are longer than one word, as one template or
# another leaves out what it takes for empty.
SYSTEM, USER, ANSWER, NEXT = "Be quillish.", "Say vermole.", "It is tarnic.", "And brelloh?"
LATE, RESULT, VALUE = "It is now dimbrel.", "yorvick found", "plemdorf"
CALL = ToolCall("call00001", FunctionCall("find_thing", f'{{"what": "{VALUE}"}}'))
TOOL = Tool(
    FunctionSpec(
        "find_thing",
        "Finds a snorbel.",
        {
            "type": "object",
            "properties": {"what": {"type": "string", "description": "The wombric to find."}},
            "required": ["what"],
        },
    )
)
HELLO = [Message("system", SYSTEM), Message("user", USER)]
TALK = [*HELLO, Message("assistant", ANSWER), Message("user", NEXT)]
CALLING = [
    *HELLO,
    Message("assistant", tool_calls=[CALL]),
    Message("tool", RESULT, tool_call_id=CALL.id),
]
# Schemas of all kinds, of which some templates write only the simplest.
INTRICATE = (
    Tool(FunctionSpec("now")),
    Tool(
        FunctionSpec(
            "plan",
            "Plans <b>things</b>, in 'any' order.",
            {
                "type": "object",
                "properties": {
                    "days": {"type": "array", "items": {"type": "integer", "minimum": 1}},
                    "how": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
                    "till": {"type": ["string", "null"]},
                    "one": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                    "all": {"const": True},
                    "where": {
                        "type": "object",
                        "properties": {"place": {"type": "string", "description": "Größer"}},
                        "required": ["place"],
                        "additionalProperties": False,
                    },
                },
            },
        )
    ),
)
