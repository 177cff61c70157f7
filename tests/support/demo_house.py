"""The house of the tests: Home Assistant's demo, sorted into rooms, with names in two languages.

What people say in German is an alias, as Home Assistant lets people write it down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

CONFIGURATION = """
demo:
template:
  - binary_sensor:
      - name: Front door
        unique_id: front_door
        default_entity_id: binary_sensor.front_door
        device_class: door
        state: "{{ is_state('input_boolean.front_door', 'on') }}"
      - name: Bathroom window
        unique_id: bathroom_window
        default_entity_id: binary_sensor.bathroom_window
        device_class: window
        state: "{{ is_state('input_boolean.bathroom_window', 'on') }}"
  - sensor:
      - name: Bedroom temperature
        unique_id: bedroom_temperature
        default_entity_id: sensor.bedroom_temperature
        device_class: temperature
        unit_of_measurement: "°C"
        state: "19.5"
  - light:
      - name: Desk lamp
        unique_id: desk_lamp
        default_entity_id: light.desk_lamp
        state: "{{ is_state('input_boolean.desk_lamp', 'on') }}"
        turn_on:
          action: input_boolean.turn_on
          target: {entity_id: input_boolean.desk_lamp}
        turn_off:
          action: input_boolean.turn_off
          target: {entity_id: input_boolean.desk_lamp}
input_boolean:
  front_door:
  bathroom_window:
  desk_lamp:
  good_night_ran:
scene:
  - id: movie_night
    name: Movie night
    entities:
      light.living_room_rgbww_lights:
        state: "on"
        brightness: 40
script:
  good_night:
    alias: Good night
    sequence:
      - action: input_boolean.turn_on
        target: {entity_id: input_boolean.good_night_ran}
"""


class Room(NamedTuple):
    """An area: its name, what else it is called, and what is in it."""

    name: str
    aliases: tuple[str, ...]
    entities: tuple[str, ...]


ROOMS = (
    Room(
        "Kitchen",
        ("Küche",),
        ("light.kitchen_lights", "cover.kitchen_window", "lock.kitchen_door"),
    ),
    Room(
        "Living Room",
        ("Wohnzimmer", "lounge"),
        (
            "light.living_room_rgbww_lights",
            "cover.living_room_window",
            "climate.ecobee",
            "fan.living_room_fan",
            "switch.decorative_lights",
        ),
    ),
    Room(
        "Bedroom",
        ("Schlafzimmer",),
        (
            "light.bed_light",
            "light.ceiling_lights",
            "climate.heatpump",
            "sensor.bedroom_temperature",
        ),
    ),
    Room("Office", ("Büro", "Arbeitszimmer"), ("light.office_rgbw_lights", "light.desk_lamp")),
    Room(
        "Hallway",
        ("Flur", "Diele"),
        (
            "light.entrance_color_white_lights",
            "cover.hall_window",
            "lock.front_door",
            "binary_sensor.front_door",
        ),
    ),
    Room("Bathroom", ("Bad", "Badezimmer"), ("binary_sensor.bathroom_window",)),
    Room("Garage", (), ("cover.garage_door",)),
)
ALIASES = {
    "light.bed_light": ("Nachttischlampe", "Bettlicht"),
    "light.ceiling_lights": ("Deckenlampe",),
    "light.kitchen_lights": ("Küchenlicht",),
    "light.desk_lamp": ("Schreibtischlampe",),
    "light.entrance_color_white_lights": ("entrance light", "Eingangslicht"),
    "light.living_room_rgbww_lights": ("living room light", "Wohnzimmerlicht"),
    "light.office_rgbw_lights": ("office light", "Bürolicht"),
    "cover.kitchen_window": ("kitchen blinds", "Küchenrollo"),
    "cover.hall_window": ("hall blinds", "Flurrollo"),
    "cover.living_room_window": ("living room blinds", "Wohnzimmerrollo"),
    "cover.garage_door": ("Garagentor",),
    "climate.heatpump": ("bedroom heating", "Schlafzimmerheizung"),
    "climate.ecobee": ("living room thermostat", "Wohnzimmerheizung"),
    "binary_sensor.front_door": ("Haustür",),
    "binary_sensor.bathroom_window": ("Badfenster",),
    "sensor.bedroom_temperature": ("Schlafzimmertemperatur",),
    "sensor.outside_temperature": ("outdoor temperature", "Außentemperatur"),
    "switch.decorative_lights": ("Deko",),
    "fan.living_room_fan": ("Wohnzimmerventilator",),
    "scene.movie_night": ("Filmabend",),
    "script.good_night": ("Gute Nacht",),
    "alarm_control_panel.security": ("alarm", "Alarmanlage"),
}
EXPOSED = (
    *sorted({*ALIASES, *(entity for room in ROOMS for entity in room.entities)}),
    "todo.shopping_list",
    "sensor.outside_humidity",
)
HIDDEN = ("switch.ac", "lock.openable_lock", "climate.hvac", "cover.pergola_roof")


def furnish(commands: Callable[..., list[Any]], set_up: Callable[..., Any]) -> None:
    """Put everything into its room, give it its names, and expose what is to be spoken to."""
    set_up("shopping_list", {})
    (entries,) = commands({"type": "config/entity_registry/list"})
    # The demo's locks have no identity, and so neither a room nor an alias.
    registered = {entry["entity_id"] for entry in entries}
    (areas,) = commands({"type": "config/area_registry/list"})
    known = {area["name"]: area["area_id"] for area in areas}
    for room in ROOMS:
        if room.name not in known:
            (made,) = commands({"type": "config/area_registry/create", "name": room.name})
            known[room.name] = made["area_id"]
        area = known[room.name]
        update = {"type": "config/area_registry/update", "area_id": area}
        inside = [
            {"type": "config/entity_registry/update", "entity_id": entity, "area_id": area}
            for entity in room.entities
            if entity in registered
        ]
        commands({**update, "aliases": list(room.aliases)}, *inside)
    named = [
        {
            "type": "config/entity_registry/update",
            "entity_id": entity,
            "aliases": list(aliases),
        }
        for entity, aliases in ALIASES.items()
        if entity in registered
    ]
    expose = {"type": "homeassistant/expose_entity", "assistants": ["conversation"]}
    commands(
        *named,
        {**expose, "entity_ids": list(EXPOSED), "should_expose": True},
        {**expose, "entity_ids": list(HIDDEN), "should_expose": False},
    )
