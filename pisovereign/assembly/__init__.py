"""Everything that `app.create_app` puts together, wired in plain sight.

`infrastructure` is what each part may use, `integrations` the services outside, `services` what the
program does with both, `routes` lists every table of routes, and `rules` are those of all
languages.
"""

__all__ = ["routes", "rules"]
