"""What the server answers, as types of the page's modules: ``python -m tests.view_types`` writes them.

Each ``TypedDict`` of ``studio/web`` becomes an interface of ``assets/types/views.d.ts``, with the docstrings of its
fields, and the keys of the words that a script may ask for become a type in ``assets/types/words.d.ts``. The files are
kept in the repository, so that an editor and ``tsc`` need no Python.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from app import without_stubs
from tests.servers import ROOT

with without_stubs():
    from studio.web.shell.assets import script_texts

FOLDER = ROOT / "assets" / "types"
MADE = "/* Made of {source} by `make types`: a change belongs there. */\n"
_PLAIN: Mapping[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    NoneType: "null",
    Any: "unknown",
}


def made() -> dict[Path, str]:
    """The files, as they are to be."""
    return {FOLDER / "views.d.ts": view_types(page_modules()), FOLDER / "words.d.ts": word_types()}


def page_modules() -> Iterator[ModuleType]:
    """The modules in which views may stand, in an order that does not change."""
    for path in sorted((ROOT / "studio" / "web").rglob("*.py")):
        if "TypedDict" in path.read_text("utf-8"):
            with without_stubs():
                yield import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def view_types(modules: Iterator[ModuleType] | Sequence[ModuleType]) -> str:
    """An interface for each ``TypedDict`` of the modules, and a type for each name of a union of some."""
    interfaces: dict[str, str] = {}
    for module in modules:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, getattr(module, node.targets[0].id, None)
                if isinstance(value, UnionType) and all(map(is_typeddict, get_args(value))):
                    interfaces[name] = f"export type {name} = {typescript(value)};"
                continue
            if not isinstance(node, ast.ClassDef) or not is_typeddict(getattr(module, node.name)):
                continue
            assert node.name not in interfaces, f"two views are called {node.name}"
            interfaces[node.name] = "\n".join(_interface(node, getattr(module, node.name)))
    return MADE.format(source="the views in studio/web") + "".join(f"\n{one}\n" for one in interfaces.values())


def word_types() -> str:
    """The keys of all words that a script may ask for."""
    keys = "".join(f"\n  | {json.dumps(key)}" for key in script_texts("en"))
    about = "/** The key of a text that a module may ask for. */"
    return f"{MADE.format(source='studio/web/words/en.toml')}\n{about}\nexport type WordKey ={keys};\n"


def _interface(node: ast.ClassDef, view: Any) -> Iterator[str]:
    """The lines of an interface: what it inherits it does not name once more."""
    yield from _comment(ast.get_docstring(node))
    bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id != "TypedDict"]
    yield (
        f"export interface {node.name} {{"
        if not bases
        else f"export interface {node.name} extends {', '.join(bases)} {{"
    )
    hints = get_type_hints(view, include_extras=True)
    for statement, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        hint, name = hints[statement.target.id], statement.target.id
        yield from (f"  {line}" for line in _comment(_text(after)))
        needed = get_origin(hint) is Required or (view.__total__ and get_origin(hint) is not NotRequired)
        yield f"  {name}{'' if needed else '?'}: {typescript(hint)};"
    yield "}"


def _text(node: ast.stmt | None) -> str | None:
    """The docstring that the statement is, for the field before it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return None


def _comment(text: str | None) -> Iterator[str]:
    if text is None:
        return
    first, *others = text.replace("``", "`").replace("*/", "* /").splitlines()
    if not others:
        yield f"/** {first} */"
        return
    yield "/**"
    yield from (f" * {line}".rstrip() for line in (first, *others))
    yield " */"


def typescript(hint: Any) -> str:
    """A Python type as JSON brings it; raises TypeError for one that no JSON has."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _union(json.dumps(str(one)) for one in hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_typeddict(hint):
        return str(hint.__name__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required, Annotated):
        return typescript(arguments[0])
    if origin is Literal:
        return _union(json.dumps(one) for one in arguments)  # a member of a StrEnum is one of its texts
    if origin in (Union, UnionType):
        return _union(typescript(one) for one in sorted(arguments, key=lambda one: one is NoneType))
    if origin is tuple and arguments[-1] is not Ellipsis:
        return f"[{', '.join(map(typescript, arguments))}]"
    if origin in (list, tuple, Sequence):
        item = typescript(arguments[0])
        return f"({item})[]" if " | " in item else f"{item}[]"
    if origin in (dict, Mapping) and arguments[0] is str:
        return f"Record<string, {typescript(arguments[1])}>"
    raise TypeError(f"JSON has no {hint}")


def _union(types: Iterator[str]) -> str:
    return " | ".join(dict.fromkeys(types))


if __name__ == "__main__":
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
