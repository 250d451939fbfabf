"""`%bw_create` and `%bw_edit`: items, folders and files, without a secret on the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import FieldNotFound, SecretTyped, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.complete.candidates import OF_MACHINE
from bw_magics.notebook.line.arguments import Arguments, usage_mistake
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics.asked import ask_for, fill_in, missing_secrets
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.finding import TIEBREAK, OnLine, find_exactly, place_of
from bw_magics.notebook.magics.machine_writing import (
    MachineWriting,
    machine_options,
    refuse_machine_options,
)
from bw_magics.notebook.magics.wanted import generated, member_options, members_of
from bw_magics.notebook.registry import REGISTRY
from bw_magics.using import unrecorded
from bw_magics.vault.draft import COMMON, type_named
from bw_magics.vault.field_name import FieldName
from bw_magics.vault.types import LOGIN, SSH_KEY

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item
    from bw_magics.vault.types import ItemType

_TYPES = ("login", "note", "card", "identity", "sshkey")
_CREATED = ("item", *_TYPES, "folder", "attachment", *OF_MACHINE)
_EDITED = ("item", "folder", "password", "username", "notes", "totp", "uri", "name", *OF_MACHINE)
# As the CLI has it: `bw create item $json`.
_JSON_BEHIND_ITEM = regex(r"^(\s*item)\s+(?=\$[^\W\d]|\{)")
_ATTACHMENT_USAGE = "%bw_create attachment --file FILE --itemid ITEM"


@REGISTRY.add
class WritingMagics(VaultMagics):
    """`%bw_create` and `%bw_edit`."""

    @magic_arguments()
    @argument("object", metavar="OBJECT", completes=_CREATED, help=", ".join(_CREATED))
    @argument("name", metavar="NAME", nargs="*", help="its name; quotes are not needed")
    @argument("--folder", metavar="NAME", completes=Names.FOLDER, help="the folder to file it in")
    @argument(
        "--organization",
        metavar="NAME",
        completes=Names.ORGANIZATION,
        help="the organisation that owns it",
    )
    @argument(
        "--collection",
        metavar="NAME",
        action="append",
        completes=Names.COLLECTION,
        help="a collection of the organisation; can be repeated",
    )
    @argument("--file", metavar="FILE", help="of an attachment: the file to attach")
    @argument("--itemid", metavar="ID", completes=Names.ITEM, help="and the item that gets it")
    @machine_options
    @member_options
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_create(self, line: str) -> object:
        """Create an item, a folder or an attachment: %bw_create login Sales DB --generate

        Members of the type are options with the CLI's names: --username analyst, --cardholderName,
        …. A secret is never on the line: --generate makes one, --password $new takes it from a
        variable, --notesfile .env from a file. --field host=db1 and --hidden token=$token add
        custom fields. The value is the new item. Where the name or a secret is missing, a form
        opens below the cell, encrypted in the browser: %bw_create login. In a terminal you are
        asked, masked.

        What the CLI takes as base64 is taken from a variable: %bw_create item --json $item, where
        %bw_get template item gives a dict to fill in. A file: %bw_create attachment --file
        key.json --itemid ITEM. An SSH key: %bw_create sshkey Cluster --generate.

        In the Secrets Manager: %bw_create secret API_KEY --project Reporting --value $new, or
        --generate, or you are asked; %bw_create project Reporting.
        """
        arguments = self.arguments(self.bw_create, _JSON_BEHIND_ITEM.sub(r"\1 --json ", line))
        kind, name = arguments.object.lower(), " ".join(arguments.name)
        if kind in OF_MACHINE:
            return MachineWriting(self.shell, self.session, arguments, arguments.name).create()
        refuse_machine_options(arguments)
        vault = self.session.vault(arguments)
        if kind == "attachment":
            return self._attach(vault, arguments, name)
        if arguments.file or arguments.itemid:
            raise UsageMistake("--file and --itemid are for attachments.", _ATTACHMENT_USAGE)
        if kind == "folder":
            if not name:
                raise usage_mistake(self.bw_create)
            made = self.session.waiting(lambda: vault.create_folder(name))
            self.session.say(f"✓ created the folder '{made}'")
            return None
        return self._create_item(vault, arguments, kind, name)

    @magic_arguments()
    @argument(
        "object",
        metavar="OBJECT",
        completes=_EDITED,
        help="item, folder, or what to change: a member or custom field",
    )
    @argument(
        "query",
        metavar="NAME",
        nargs="+",
        completes=Names.QUERY,
        help="an id or the exact name; quotes are not needed",
    )
    @argument("--name", metavar="NAME", help="the new name")
    @TIEBREAK
    @machine_options
    @member_options
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_edit(self, line: str) -> object:
        """Change an item or a folder: %bw_edit password Warehouse DB --generate

        OBJECT is one member or custom field, or item for several: %bw_edit item Warehouse DB
        --username loader --field host=db2. Without any value, %bw_edit item Warehouse DB opens the
        item's form below the cell. Values are given as with %bw_create; an empty text empties a
        member. Nothing else of the item changes, and a change by somebody else is never
        overwritten. The old password stays in the item's history. The value is the item as it is
        now.

        The item is found by its id or exact name, and --folder, --collection and --organization
        choose between items of one name; %bw_move files it elsewhere. %bw_edit folder OLD --name
        NEW renames a folder.

        %bw_edit secret API_KEY --project Reporting --value $new changes a secret of the Secrets
        Manager, which stays in its project; --notes and --name change its note and key.
        """
        arguments = self.naming(self.bw_edit, line)
        if arguments.object.lower() in OF_MACHINE:
            return MachineWriting(self.shell, self.session, arguments, arguments.query).edit()
        refuse_machine_options(arguments)
        vault, query = self.session.vault(arguments), " ".join(arguments.query)
        if arguments.object.lower() != "folder":
            return self._edit_item(vault, arguments, query)
        if not arguments.name:
            raise UsageMistake(
                "A folder has nothing but its name.", "%bw_edit folder OLD --name NEW"
            )
        named = self.session.waiting(lambda: vault.rename_folder(query, arguments.name))
        self.session.say(f"✓ renamed the folder to '{named}'")
        return None

    # Inside.

    def _create_item(self, vault: Vault, arguments: Arguments, kind: str, name: str) -> Item | None:
        from bw_magics.vault.item_json import ItemJson

        organization, collections = arguments.organization, tuple(arguments.collection or ())
        members: dict[str, Any] = {}
        if arguments.json is not None:
            json = ItemJson.read(arguments.json, is_new=True)
            item_type = json.item_type if kind == "item" else type_named(kind)
            if item_type is not json.item_type:
                raise UsageMistake(
                    f"The JSON is that of a {json.item_type.name}.", "Name its type."
                )
            members |= json.members
            organization = organization or json.organization
            collections = collections or json.collections
        elif kind == "item":
            # A word behind it can only be JSON in base64, as the CLI takes it.
            if name:
                raise SecretTyped(
                    "The JSON of an item does not belong on the line.",
                    "Write %bw_create item --json $variable, or %bw_create login NAME.",
                )
            raise UsageMistake(
                "The line does not say what to create.",
                f"%bw_create {'|'.join(_TYPES)} NAME, or %bw_create item --json $variable.",
            )
        else:
            item_type = type_named(kind)
        members |= members_of(arguments)
        if name:
            members["name"] = name
        if not members.get("name") and (arguments.json or not self.session.can_ask(arguments)):
            raise usage_mistake(self.bw_create)
        if arguments.folder:
            members["folder"] = arguments.folder
        members |= self._generated(vault, arguments, item_type)

        def create(more: Mapping[str, Any]) -> tuple[Item, str]:
            item = vault.create(
                item_type.name,
                organization=organization,
                collections=collections,
                **_whole_key({**members, **more}),
            )
            return item, _created_line(item, f"✓ created '{item.name}'")

        missing = () if arguments.json is not None else missing_secrets(item_type, members)
        if not members.get("name"):
            missing = ("name", *missing)
        if missing and self.session.can_ask(arguments):
            from bw_magics.notebook.panels.given import Given
            from bw_magics.notebook.panels.item_form import ItemForm

            form = ItemForm.new(vault, item_type.name, Given(members, organization, collections))
            if filled := fill_in(self.session.prompt, vault, form, _created_line):
                return filled[0]
        title = f"New {item_type.name} '{members.get('name', '')}'".removesuffix(" ''")
        return self._with_secrets(arguments, title, "Create", missing, create)

    def _edit_item(self, vault: Vault, arguments: Arguments, query: str) -> Item | None:
        from bw_magics.vault.item_json import ItemJson

        what = FieldName.parse(arguments.object)
        wanted = OnLine(query, arguments.object, "%bw_edit")
        item = find_exactly(self.shell, vault, wanted, choosing=arguments)
        members: dict[str, Any] = {}
        if arguments.json is not None:
            json = ItemJson.read(arguments.json, is_new=False)
            if json.item_type is not item.item_type:
                raise UsageMistake(
                    f"'{item.name}' is a {item.type}, and the JSON that of a "
                    f"{json.item_type.name}.",
                    "The type of an item cannot change.",
                )
            members |= json.members
        members |= members_of(arguments)
        if arguments.name:
            members["name"] = arguments.name
        secret = generated(vault, arguments)
        one = None if arguments.object == "item" else self._one_member(item, what)
        if secret is not None:
            members = _with(members, one or FieldName("password"), secret)
        missing = () if one is None or _names(members, one) else (one,)
        if not members and not missing:
            if arguments.json is None and self.session.can_ask(arguments):
                from bw_magics.notebook.panels.item_form import ItemForm

                form = self.session.confirming(arguments, lambda: ItemForm.of(vault, item))
                if filled := fill_in(self.session.prompt, vault, form, _saved_line):
                    return filled[0]
            raise UsageMistake(
                "The line does not say what to change.",
                "%bw_edit password NAME --generate, or %bw_edit item NAME --username …",
            )

        def edit(more: Mapping[str, Any]) -> tuple[Item, str]:
            wanted = members
            for name in missing:
                wanted = _with(wanted, name, more[str(name)])
            edited = item.edit(**wanted)
            changed = [name for name in wanted if name != "fields"]
            changed += wanted.get("fields", {})
            return edited, f"✓ saved '{edited.name}' · {', '.join(changed)} · {place_of(edited)}"

        return self._with_secrets(
            arguments, f"Change '{item.name}'", "Save", tuple(map(str, missing)), edit, item
        )

    def _one_member(self, item: Item, what: Any) -> Any:
        """Gives the member or custom field that the line names. Raises `FieldNotFound`."""
        type_members = item.item_type.members if item.item_type else ()
        own = (*type_members, "name", "notes", "uri")
        if not what.is_custom and what.member in own:
            return FieldName(what.member)
        if what.text in COMMON:
            raise UsageMistake(
                f"'{what.text}' is not changed like this.",
                "%bw_move files an item; --favorite and --reprompt are options of %bw_edit item.",
            )
        with unrecorded():
            custom = [field.name for field in item.fields]
        if what.text in custom:
            return FieldName(what.text, is_custom=True)
        names = [*own, *custom]
        raise FieldNotFound(
            f"'{item.name}' ({item.type}) has no such member or custom field.",
            f"It has: {', '.join(names)}. A new field: %bw_edit item NAME --field NAME=TEXT",
        )

    def _generated(
        self, vault: Vault, arguments: Arguments, item_type: ItemType
    ) -> Mapping[str, Any]:
        if arguments.generate and item_type is SSH_KEY:
            from bw_magics.vault.ssh_key import new_key

            return new_key()
        secret = generated(vault, arguments)
        if secret is None:
            return {}
        if item_type is not LOGIN:
            raise UsageMistake(
                f"A {item_type.name} has nothing that could be generated.",
                "--generate makes the password of a login, or an SSH key.",
            )
        return {"password": secret}

    def _with_secrets(
        self,
        arguments: Arguments,
        title: str,
        button: str,
        missing: tuple[str, ...],
        save: Callable[[Mapping[str, Any]], tuple[Item, str]],
        item: Item | None = None,
    ) -> Item | None:
        """Saves the members of the line; asks a person for the `missing` ones before."""

        def saved(more: Mapping[str, Any]) -> tuple[Item, str]:
            return self.session.waiting(
                lambda: self.session.confirming(arguments, lambda: save(more))
            )

        if not missing:
            made, line = saved({})
            self.session.say(line)
            return made
        return ask_for(
            self.session.prompt if self.session.can_ask(arguments) else None,
            title=title,
            button=button,
            names=missing,
            server=self.session.vault(arguments).status.server or "",
            save=saved,
            item=item,
        )

    def _attach(self, vault: Vault, arguments: Arguments, name: str) -> Item:
        if not arguments.file or not arguments.itemid or name:
            raise UsageMistake("An attachment is a file for an item.", _ATTACHMENT_USAGE)
        item = find_exactly(self.shell, vault, OnLine(arguments.itemid))
        before = {entry.id for entry in item.attachments}
        changed = self.session.waiting(
            lambda: self.session.confirming(arguments, lambda: item.attach(arguments.file))
        )
        new = [entry.name for entry in changed.attachments if entry.id not in before]
        self.session.say(f"✓ attached {', '.join(new)} to '{changed.name}'")
        return changed


def _created_line(item: Item, said: str) -> str:
    return f"{said} · {item.type} · {place_of(item)}"


def _saved_line(item: Item, said: str) -> str:
    return f"{said} · {place_of(item)}" if said.startswith("✓") else said


def _whole_key(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Adds public key and fingerprint to a private key that comes alone."""
    private_key = members.get("privateKey")
    if not private_key or "publicKey" in members:
        return members
    from bw_magics.vault.ssh_key import members_of_key

    return {**members, **members_of_key(private_key=private_key)}


def _with(members: Mapping[str, Any], what: Any, value: str) -> dict[str, Any]:
    """Adds the value of one member or custom field to the members."""
    if what.is_custom:
        return {**members, "fields": {**members.get("fields", {}), what.text: value}}
    if what.text == "uri":
        return {**members, "uris": [value]}
    return {**members, what.text: value}


def _names(members: Mapping[str, Any], what: Any) -> bool:
    if what.is_custom:
        return what.text in members.get("fields", {})
    return ("uris" if what.text == "uri" else what.text) in members
