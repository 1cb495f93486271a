"""A browser without scripts. It knows nothing but what stands in a page: it fills in the controls of a form
and sends exactly those, as HTML says, with its cookies and the address that it is at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from httpx2 import Response
from starlette.testclient import TestClient

HOST = "http://testserver"
CHOSEN = ("checkbox", "radio")
TYPED = ("text", "password", "search", "textarea", "date", "number")


@dataclass
class Control:
    """A control of a form: what it would send now, and what else may be chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    required: bool = False
    longest: int = 1_000_000


@dataclass
class Button:
    """A button that sends the form; `says` is its text."""

    name: str
    value: str
    says: str = ""


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def control(self, name: str) -> Control:
        found = [one for one in self.controls if one.name == name]
        assert found, f"the form has no {name}: {[one.name for one in self.controls]}"
        return found[0]

    def fill(self, name: str, values: Sequence[str]) -> None:
        """What a person types or chooses."""
        control = self.control(name)
        if control.options:
            assert set(values) <= set(control.options), f"{name}: {values} of {control.options}"
        else:
            assert control.kind in TYPED, f"{name} is {control.kind}"
            assert all(len(one) <= control.longest for one in values)
        control.values = list(values)

    def sent(self, button: Button) -> list[tuple[str, str]]:
        """What is sent, in the order of the page."""
        for one in self.controls:
            assert not one.required or any(one.values), f"{one.name} is required"
        fields = [(one.name, value) for one in self.controls for value in one.values]
        return [*fields, (button.name, button.value)] if button.name else fields


class _Forms(HTMLParser):
    """Reads the forms of a page. Controls of one name are one, as their choices are."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: Button | None = None
        self._select: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = Form(given.get("action") or "", (given.get("method") or "get").lower())
            self.forms.append(self._open)
        if self._open is None or "disabled" in given:
            return
        name = given.get("name") or ""
        if tag == "button" and given.get("type", "submit") == "submit":
            self._button = Button(name, given.get("value") or "")
            self._open.buttons.append(self._button)
        elif tag == "select":
            self._select = Control(name, tag, required="required" in given)
            self._open.controls.append(self._select)
        elif tag == "option" and self._select is not None:
            value = given.get("value") or ""
            self._select.options.append(value)
            if "selected" in given or len(self._select.options) == 1:
                self._select.values = [value]
        elif tag == "input" and name:
            self._input(self._open, name, given)
        elif tag == "textarea":
            self._open.controls.append(Control(name, tag, [""], required="required" in given))

    def _input(self, form: Form, name: str, given: Mapping[str, str | None]) -> None:
        kind = given.get("type") or "text"
        known = next((one for one in form.controls if one.name == name and one.kind == kind), None)
        control = known or Control(name, kind, longest=int(given.get("maxlength") or 1_000_000))
        if known is None:
            form.controls.append(control)
        control.required = control.required or ("required" in given and kind != "checkbox")
        value = given.get("value") or ("on" if kind in CHOSEN else "")
        if kind in CHOSEN:
            control.options.append(value)
        if kind not in CHOSEN or "checked" in given:
            control.values.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        self._button = None if tag == "button" else self._button
        self._select = None if tag == "select" else self._select

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.says += data


class PlainBrowser:
    """Somebody's browser. `page` is where it is."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page: Response

    def open(self, address: str) -> str:
        """Opens a page as a link does; answers its text."""
        self.page = self.client.get(address, follow_redirects=True)
        return str(self.page.text)

    @property
    def address(self) -> str:
        return urlsplit(str(self.page.url)).path

    def forms(self, button: str, **having: str) -> list[Form]:
        """The forms with a button that says so, and with these values in hidden fields."""
        reader = _Forms()
        reader.feed(self.page.text)
        return [
            form
            for form in reader.forms
            if any(one.says.strip() == button for one in form.buttons)
            and all(form.control(name).values == [value] for name, value in having.items())
        ]

    def press(
        self, button: str, having: Mapping[str, str] | None = None, /, **filled: str | Sequence[str]
    ) -> str:
        """Fills in a form and presses its button; answers the text of the page that comes of it."""
        (form,) = self.forms(button, **(having or {}))
        assert form.method == "post"
        for name, value in filled.items():
            form.fill(name, [value] if isinstance(value, str) else value)
        pressed = next(one for one in form.buttons if one.says.strip() == button)
        assert [one.name for one in form.controls if one.kind == "file"] == []
        self.page = self.client.post(
            urljoin(str(self.page.url), form.action),
            content=urlencode(form.sent(pressed)),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "origin": HOST,
                "referer": str(self.page.url),
                "sec-fetch-site": "same-origin",
            },
            follow_redirects=True,
        )
        return str(self.page.text)
