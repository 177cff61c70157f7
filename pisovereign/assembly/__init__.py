"""Everything that `app.create_app` puts together, wired in plain sight.

`infrastructure` is what each part may use, `integrations` the services outside, `services` what the
program does with both, and `routes` lists every table of routes.
"""

__all__ = ["routes"]
