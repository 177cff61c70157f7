"""The routes of a person's Telegram account."""

from __future__ import annotations

from collections.abc import Mapping

from falcon.asgi import Request, Response

from pisovereign.accounts.requests import caller_of
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.channels.link_service import LinkCode, LinkedAccount, LinkService


class LinkRoutes(Routes, tag="Telegram"):
    """Accounts over HTTP; all rules are in the service."""

    def __init__(self, accounts: Mapping[str, LinkService]) -> None:
        self._links = accounts["telegram"]

    @route(
        "GET",
        "/v1/telegram/account",
        operation_id="telegramAccount",
        summary="Show your Telegram account",
        example=Example(
            response={"set_up": False, "linked": False, "name": None, "linked_at": None}
        ),
    )
    async def show(self, req: Request, resp: Response) -> LinkedAccount:
        """Show which Telegram account is linked with you, if one is.

        `set_up` says whether this device has a bot: an owner connects one under Connections.
        """
        return await self._links.show(req.context.user.user_id)

    @route(
        "POST",
        "/v1/telegram/codes",
        operation_id="createTelegramCode",
        summary="Link a Telegram account",
        status=201,
        errors=(403, 502, 503),
        example=Example(
            response={
                "code": "K7QM-2XRD-W94H",
                "bot": "our_house_bot",
                "link": "https://t.me/our_house_bot?start=K7QM-2XRD-W94H",
                "qr": "data:image/svg+xml;charset=utf-8,%3Csvg...",
                "expires_at": "2026-02-07T10:40:00.159707Z",
            }
        ),
    )
    async def create_code(self, req: Request, resp: Response) -> LinkCode:
        """Make a code that links the account which sends `/start` and the code to the bot.

        `link` opens the bot there and sends it in one press, `qr` is that link as an image. It can
        be used once, within ten minutes; an earlier one is no longer valid. The account may do no
        more than you: where you may approve, its buttons do. It takes the place of an earlier
        account. A program's key cannot make one: 403.
        """
        resp.set_header("Cache-Control", "no-store")
        return await self._links.new_code(caller_of(req))

    @route(
        "DELETE",
        "/v1/telegram/account",
        operation_id="removeTelegramAccount",
        summary="Forget your Telegram account",
        status=204,
        errors=(404,),
    )
    async def remove(self, req: Request, resp: Response) -> None:
        """Forget the account: what it writes is ignored, and nothing is sent there any more."""
        await self._links.remove(caller_of(req))
