"""What a home's controller sends with each question: instructions, 40 devices, and 25 tools.

In the form, and of about the length, of what Home Assistant's integration sends.
"""

from __future__ import annotations

from typing import Any

_INSTRUCTIONS = """\
You speak for a house. Answer what you are asked truthfully, in plain text, in one or two sentences.
Whenever something is to be switched, set, opened or locked, call one of the tools; never say that
something was done without a call. Name a single device by its name and its domain; for a whole
room, give the area and the domain. If somebody asks for all devices of a kind and says no room,
ask which room is meant, unless there is only one such device. This device cannot run timers.
You know the devices below, but not how they are at the moment. When a question is about a present
state, such as whether a door is locked, how warm a room is or whether a lamp is on:
    1. It needs what is true now.
    2. Call `GetLiveContext` to get it.
    3. Answer from what that returns.
What has nothing to do with the house is answered from what you know.
These are the areas and devices of the house:"""

_DEVICES: dict[str, dict[str, str]] = {
    "Kitchen": {
        "Ceiling light": "light",
        "Stove light": "light",
        "Counter strip": "light",
        "Coffee machine": "switch",
        "Kitchen radio": "media_player",
        "Kitchen window": "binary_sensor",
        "Fridge temperature": "sensor",
    },
    "Living Room": {
        "Floor lamp": "light",
        "Reading lamp, Corner lamp": "light",
        "Shelf lights": "light",
        "Living room blinds": "cover",
        "Living room thermostat": "climate",
        "Television, TV": "media_player",
        "Living room temperature": "sensor",
        "Living room humidity": "sensor",
        "Ceiling fan": "fan",
    },
    "Bedroom": {
        "Bedroom light": "light",
        "Bedside lamp left": "light",
        "Bedside lamp right": "light",
        "Bedroom shutter": "cover",
        "Bedroom thermostat": "climate",
        "Bedroom temperature": "sensor",
        "Electric blanket": "switch",
    },
    "Bathroom": {
        "Mirror light": "light",
        "Bathroom heater": "climate",
        "Towel rail": "switch",
        "Bathroom humidity": "sensor",
    },
    "Office": {
        "Desk lamp": "light",
        "Printer": "switch",
        "Office blinds": "cover",
        "Office window": "binary_sensor",
    },
    "Hall": {
        "Hall light": "light",
        "Front door": "lock",
        "Doorbell": "binary_sensor",
        "Hall motion": "binary_sensor",
    },
    "Garden": {
        "Terrace lights": "light",
        "Garden pump": "switch",
        "Garage door": "cover",
        "Lawn mower": "lawn_mower",
        "Outside temperature": "sensor",
    },
}

# What each tool does, and which arguments it has beside the name, area, floor and domain.
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 100}
_ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "HassTurnOn": ("Switches on, opens or presses a device, or locks a lock", {}),
    "HassTurnOff": ("Switches off or closes a device, or unlocks a lock", {}),
    "HassLightSet": (
        "Sets how bright a light is, or its color",
        {"brightness": _NUMBER, "color": {"type": "string"}, "temperature": {"type": "integer"}},
    ),
    "HassSetPosition": ("Sets the position of a cover or valve", {"position": _NUMBER}),
    "HassStopMoving": ("Stops a cover that is moving", {}),
    "HassClimateSetTemperature": (
        "Sets the wanted temperature of a heater or an area",
        {"temperature": {"type": "number"}},
    ),
    "HassFanSetSpeed": ("Sets the speed of a fan", {"percentage": _NUMBER}),
    "HassMediaPause": ("Pauses a player", {}),
    "HassMediaUnpause": ("Goes on with what a player has paused", {}),
    "HassMediaNext": ("Skips what a player plays", {}),
    "HassMediaPrevious": ("Goes back to what a player played before", {}),
    "HassMediaPlayerMute": ("Mutes a player", {}),
    "HassMediaPlayerUnmute": ("Lets a muted player be heard again", {}),
    "HassSetVolume": ("Sets the volume of a player", {"volume_level": _NUMBER}),
    "HassSetVolumeRelative": (
        "Makes a player louder or quieter",
        {"volume_step": {"type": "string", "enum": ["up", "down"]}},
    ),
    "HassMediaSearchAndPlay": (
        "Looks for something to play, and plays the first that is found",
        {
            "search_query": {"type": "string"},
            "media_class": {"type": "string", "enum": ["album", "artist", "playlist", "track"]},
        },
    ),
    "HassLawnMowerStartMowing": ("Sends a lawn mower out", {}),
    "HassLawnMowerDock": ("Calls a lawn mower back", {}),
    "HassCancelAllTimers": ("Cancels all timers", {}),
    "HassBroadcast": ("Says something in the whole house", {"message": {"type": "string"}}),
    "HassListAddItem": ("Adds an entry to a list", {"item": {"type": "string"}}),
    "HassListCompleteItem": ("Ticks an entry of a list off", {"item": {"type": "string"}}),
    "todo_get_items": (
        "Reads a list",
        {"status": {"type": "string", "enum": ["needs_action", "completed", "all"]}},
    ),
}
_WHERE: dict[str, Any] = {
    "name": {"type": "string"},
    "area": {"type": "string"},
    "floor": {"type": "string"},
    "domain": {"type": "array", "items": {"type": "string"}},
    "device_class": {"type": "array", "items": {"type": "string"}},
}


def _tool(name: str, description: str, properties: dict[str, Any]) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": []}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def _devices() -> str:
    return "\n".join(
        f"- names: {name}\n  domain: {domain}\n  areas: {area}"
        for area, devices in _DEVICES.items()
        for name, domain in devices.items()
    )


SYSTEM = f"{_INSTRUCTIONS}\n{_devices()}\n"
TOOLS = [
    *(_tool(name, text, _WHERE | more) for name, (text, more) in _ACTIONS.items()),
    _tool("GetDateTime", "Tells the date and the time", {}),
    _tool(
        "GetLiveContext",
        "Tells how every device is just now: on or off, open or closed, locked, temperatures and "
        "the like. Use it for any question about a present state.",
        {},
    ),
]
