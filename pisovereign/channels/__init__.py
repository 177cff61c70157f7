"""Every way in which people write to the assistant, whichever messenger it is.

A messenger is a connector that brings messages and sends (`connectors.messaging`). `receiver`
stores what known people write, from a webhook or from the `poller`; `inbox` keeps it; `answerer`
answers it, with what `chat_answers` finds; `button_presses` does what a button decides and
`approval_codes` what a code does; `outgoing` sends. Who an address belongs to is known by a
`directory`: a list in the settings, or accounts that people linked themselves (`links`). `service`
puts it together.
"""

__all__: list[str] = []
