"""The pages of an import: upload, columns, check, run, look, undo."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oscar_crm.models import Contact, Import
from oscar_crm.services import imports
from oscar_crm.test.factories import ContactFactory, ImportFactory, make_staff

from .conftest import RIGHTS, upload_file, url

pytestmark = pytest.mark.django_db
HEADERS = ["First name", "Last name", "E-mail", "City"]
ADA = ["Ada", "Byron", "ada@example.com", "Köln"]
BAD = ["Ben", "Abel", "not an address", "Bonn"]


def text_of(response) -> str:
    return response.content.decode()


def test_a_file_goes_all_the_way(desk, upload, choose, work):
    made = upload([HEADERS, ADA])
    choose(made)
    work(made)
    assert "Import 1 row" in text_of(desk.get(url("import-detail", made.pk)))
    assert not Contact.objects.exists()

    desk.post(url("import-start", made.pk))
    work(made)
    assert Contact.objects.get().city == "Köln"

    desk.post(url("import-undo", made.pk))
    work(made)
    assert not Contact.objects.exists()
    assert "1 change was taken back." in text_of(desk.get(url("import-detail", made.pk)))


def test_an_empty_history_says_what_can_be_done(desk):
    page = text_of(desk.get(url("import-list")))

    assert "Bring your address book in" in page
    assert url("import-create") in page


def test_the_history_tells_who_when_file_counts_and_state(desk, upload, choose, work):
    made = upload([HEADERS, ADA, BAD])
    choose(made)
    work(made)
    desk.post(url("import-start", made.pk))
    work(made)

    page = " ".join(text_of(desk.get(url("import-list"))).split())
    for text in ("list.csv", "Mara Boss", "1 new", "1 refused", "2 in all", "done"):
        assert text in page, text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b'Name,Ort\nAda,"Ulm', "never closed"),
        (b"PK\x03\x04", "damaged or cut off"),
        (b"First name\n", "no rows below"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_at_the_upload(desk, content, message):
    file = SimpleUploadedFile("x.csv", content)

    response = desk.post(url("import-create"), {"area": "contact", "file": file})

    assert message in text_of(response)
    assert not Import.objects.exists()


def test_only_areas_one_may_write_can_be_chosen(client):
    client.force_login(make_staff("view_import", "add_import", "view_contact", "change_contact"))

    form = client.get(url("import-create")).context["form"]
    assert [value for value, _label in form.fields["area"].choices] == ["contact"]
    response = client.post(
        url("import-create"), {"area": "account", "file": upload_file([["Name"], ["Acme"]])}
    )
    assert not Import.objects.exists()
    assert response.status_code == 200


def test_the_columns_are_matched_and_shown_with_their_first_cells(desk, upload):
    made = upload([[*HEADERS, "Shoe size"], [*ADA, "42"]])

    page = desk.get(url("import-columns", made.pk))
    form = page.context["form"]
    assert [form[f"column_{n}"].value() for n in range(5)] == [
        *("first_name", "last_name", "emails", "city", ""),
    ]
    assert "42" in text_of(page)


def test_headers_that_are_there_twice_are_pointed_at(desk, upload):
    made = upload([["E-mail", "City", "City"], ["a@example.com", "Köln", "Bonn"]])

    page = text_of(desk.get(url("import-columns", made.pk)))
    assert "The header “City” is there more than once." in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"column_2": ""}, "No column is the e-mail address"),
        ({"match": "external_id"}, "No column is the external ID"),
        ({"column_0": "password"}, "Select a valid choice"),
        ({"tags": "x" * 51}, "1 to 50 characters"),
        ({"source": "a:b"}, "Enter a valid value"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_the_reason(upload, choose, changed, message):
    made = upload([HEADERS, ADA])

    response = choose(made, **changed)

    assert message in text_of(response)
    made.refresh_from_db()
    assert made.state == "draft"


def test_errors_are_told_by_row_and_column_and_differences_cell_by_cell(desk, upload, choose, work):
    ContactFactory(first_name="Ada", last_name="Byron", city="Ulm", emails=["ada@example.com"])
    made = upload([HEADERS, ADA, BAD])
    choose(made)
    work(made)

    page = text_of(desk.get(url("import-detail", made.pk)))
    assert "E-mail (C): “not an address” is not an e-mail address." in page
    assert "<del>Ulm</del>" in page
    assert "<ins>Köln</ins>" in page


def test_refused_rows_are_downloaded_mended_and_uploaded_again(desk, upload, choose, work):
    made = upload([HEADERS, ADA, BAD])
    choose(made)
    work(made)

    content = b"".join(desk.get(url("import-rejected", made.pk)).streaming_content).decode()
    assert content.splitlines()[0] == (
        "\ufeffRow,Why it was not imported,First name,Last name,E-mail,City"
    )
    assert "not an e-mail address" in content.splitlines()[1]
    mended = SimpleUploadedFile(
        "m.csv", content.replace("Ben,Abel,not an address", "Ben,Abel,ben@example.com").encode()
    )
    again = upload(mended)
    choose(again)
    work(again)

    assert again.columns == ["", "", "first_name", "last_name", "emails", "city"]
    assert (again.counts["create"], again.counts.get("refused", 0)) == (1, 0)


def test_all_rows_of_an_outcome_are_paged(desk, upload, choose, work, settings):
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    made = upload([HEADERS, *[[f"A{n}", "", "bad", ""] for n in range(5)]])
    choose(made)
    work(made)

    first = desk.get(url("import-rows", made.pk), {"outcome": "refused"})
    assert [row.row for row in first.context["table"].rows] == [2, 3]
    after = first.context["page"].after
    second = desk.get(url("import-rows", made.pk), {"outcome": "refused", "after": after})
    assert [row.row for row in second.context["table"].rows] == [4, 5]
    assert desk.get(url("import-rows", made.pk), {"outcome": "x"}).status_code == 404


def test_a_page_of_rows_costs_the_same_whatever_their_number(desk, upload, choose, work):
    def queries(count: int) -> int:
        made = upload([HEADERS, *[[f"A{n}", "", "bad", ""] for n in range(count)]])
        choose(made)
        work(made)
        with CaptureQueriesContext(connection) as captured:
            desk.get(url("import-detail", made.pk))
        return len(captured)

    queries(1)
    assert queries(30) == queries(2)


def test_the_history_costs_the_same_whatever_its_length(desk, manager):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(url("import-list"))
        return len(captured)

    ImportFactory(actor=manager)
    queries()
    few = queries()
    for _ in range(5):
        ImportFactory(actor=manager)

    assert queries() == few


def test_a_pause_holds_until_somebody_presses_continue(desk, upload, choose):
    made = upload([HEADERS, ADA])
    choose(made)
    desk.post(url("import-pause", made.pk))

    desk.post(url("import-step", made.pk))
    made.refresh_from_db()
    assert (made.state, made.is_paused) == ("checking", True)
    desk.post(url("import-step", made.pk), {"go": "1"})
    desk.post(url("import-step", made.pk))
    made.refresh_from_db()
    assert made.state == "checked"


def test_a_cancelled_import_cannot_be_started(desk, upload, choose, work):
    made = upload([HEADERS, ADA])
    choose(made)
    work(made)
    desk.post(url("import-cancel", made.pk))

    page = desk.post(url("import-start", made.pk), follow=True)

    assert "This import is cancelled" in text_of(page)
    assert not Contact.objects.exists()


def test_pressing_import_twice_imports_once(desk, upload, choose, work):
    made = upload([HEADERS, ADA])
    choose(made)
    work(made)
    desk.post(url("import-start", made.pk))
    desk.post(url("import-start", made.pk))
    work(made)

    assert Contact.objects.count() == 1


def test_an_erased_file_keeps_its_history_and_its_undo(desk, upload, choose, work):
    made = upload([HEADERS, ADA, BAD])
    choose(made)
    work(made)
    desk.post(url("import-start", made.pk))
    work(made)
    desk.post(url("import-erase", made.pk))

    made.refresh_from_db()
    assert not made.blocks.exists()
    assert not made.rows.exists()
    page = text_of(desk.get(url("import-detail", made.pk)))
    assert "have been erased" in page
    assert "ada@example.com" not in page
    response = desk.get(url("import-rejected", made.pk), follow=True)
    assert "has been erased" in text_of(response)
    desk.post(url("import-undo", made.pk))
    work(made)
    assert not Contact.objects.exists()


def test_old_files_are_erased_and_young_ones_are_kept(manager, settings):
    settings.OSCAR_CRM_IMPORT_KEEP_DAYS = 30
    old, young = ImportFactory(actor=manager), ImportFactory(actor=manager)
    Import.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00:00Z")

    assert imports.erase_old_files() == 1

    old.refresh_from_db()
    assert (old.blocks.exists(), young.blocks.exists()) == (False, True)


def test_with_nothing_to_keep_the_file_goes_when_the_import_is_done(
    desk, upload, choose, work, settings
):
    settings.OSCAR_CRM_IMPORT_KEEP_DAYS = 0
    made = upload([HEADERS, ADA])
    choose(made)
    work(made)
    desk.post(url("import-start", made.pk))
    work(made)

    assert not made.blocks.exists()


def test_the_imports_of_others_are_seen_by_who_sees_their_records(client, manager):
    made = ImportFactory(actor=make_staff(*RIGHTS), file_name="secret.csv")
    client.force_login(make_staff(*RIGHTS))
    assert "secret.csv" not in text_of(client.get(url("import-list")))
    assert client.get(url("import-detail", made.pk)).status_code == 404
    client.force_login(manager)
    assert "secret.csv" in text_of(client.get(url("import-list")))


def test_a_hidden_match_is_not_told_on_any_page(client):
    hidden = ContactFactory(
        first_name="Secretname", emails=["hidden@example.com"], owner=make_staff(), city="Hidecity"
    )
    user = make_staff(*RIGHTS)
    client.force_login(user)
    made = ImportFactory(
        actor=user, rows=[["First name", "E-mail", "City"], ["X", "hidden@example.com", "Y"]]
    )
    imports.set_columns(made, made.columns, imports.Options(match="email"))
    imports.run(made)

    for page in ("import-detail", "import-rows", "import-list"):
        args = () if page == "import-list" else (made.pk,)
        text = text_of(client.get(url(page, *args)))
        assert "Secretname" not in text
        assert "Hidecity" not in text
        assert f"/contacts/{hidden.pk}/" not in text


def test_a_worker_does_the_steps_where_there_is_one(desk, upload, choose, settings, monkeypatch):
    settings.OSCAR_CRM_ASYNC = True
    queued = []
    monkeypatch.setattr("oscar_crm.broker.publish", lambda *args: queued.append(args) or True)
    made = upload([HEADERS, ADA])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda work, **how: work())
        choose(made)

    response = desk.post(url("import-step", made.pk), headers={"Accept": "application/json"})

    assert queued == [("oscar_crm.work_on_import", made.pk)]
    assert response.json()["wait"] > 0
    made.refresh_from_db()
    assert made.state == "checking"
