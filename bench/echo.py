"""The yardstick: the least that a FastAPI program can do with the same request."""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel


class Body(BaseModel):
    """The part of a chat request that is sent here."""

    message: str
    max_tokens: int


app = FastAPI()


@app.post("/echo")
async def echo(body: Body) -> Body:
    """Return what came, decoded, validated and encoded."""
    return body
