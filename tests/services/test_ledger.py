"""The worked table of ledger cases. Every amount is worked out here, by hand, beside its case."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscar_crm.services.ledger import Entry, OrderFacts, Refund, entries_of, refund_excess

PLACED = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 5, 12, tzinfo=UTC)
LATEST = datetime(2026, 3, 9, 12, tzinfo=UTC)
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def facts(total="120.00", counted=None, **fields):
    return OrderFacts(
        currency="EUR",
        total=D(total),
        counted=D(total if counted is None else counted),
        placed_at=PLACED,
        **fields,
    )


def refunded(*parts):
    """Keyword arguments of an order refunded in dated parts."""
    refunds = tuple(Refund(D(amount), at) for amount, at in parts)
    return {"refunded": sum((r.gross for r in refunds), D(0)), "refunds": refunds}


def amounts(entries):
    return [(str(entry.kind), entry.amount) for entry in entries]


CASES = {
    "an order counts with its total": (facts(), [("placed", D("120.00"))]),
    "an order of total zero counts as nothing": (facts("0.00"), [("placed", D("0.00"))]),
    "an order that does not count yet has no entries": (facts(is_counted=False), []),
    "a cancellation takes everything back": (
        facts(cancelled_at=LATER),
        [("placed", D("120.00")), ("cancelled", D("-120.00"))],
    ),
    "a part refund": (
        facts(**refunded(("30.00", LATER))),
        [("placed", D("120.00")), ("refunded", D("-30.00"))],
    ),
    "two part refunds": (
        facts(**refunded(("30.00", LATER), ("50.00", LATEST))),
        [("placed", D("120.00")), ("refunded", D("-30.00")), ("refunded", D("-50.00"))],
    ),
    # 120 - 30 = 90 is left for the cancellation to take.
    "a cancellation after a refund takes the rest": (
        facts(cancelled_at=LATEST, **refunded(("30.00", LATER))),
        [("placed", D("120.00")), ("refunded", D("-30.00")), ("cancelled", D("-90.00"))],
    ),
    # The state is the same whichever came first, and so are the amounts.
    "a refund after a cancellation is not taken twice": (
        facts(cancelled_at=LATER, **refunded(("120.00", LATEST))),
        [("placed", D("120.00")), ("refunded", D("-120.00")), ("cancelled", D("0.00"))],
    ),
    "a refund beyond the total is cut at the total": (
        facts(**refunded(("150.00", LATER))),
        [("placed", D("120.00")), ("refunded", D("-120.00"))],
    ),
    # 119 incl. 19 % tax counts 100; 59.50 is half of 119, so half of 100 goes.
    "with tax left out half the total refunded is half the counted amount": (
        facts("119.00", "100.00", **refunded(("59.50", LATER))),
        [("placed", D("100.00")), ("refunded", D("-50.00"))],
    ),
    # Counted 7.00 of 10.00 (shipping left out): a third of 10 is 3.33, of 7 is 2.331 → 2.33;
    # up to 6.66 it is 4.662 → 4.66, so the second is 2.33; the last takes 7.00 - 4.66 = 2.34.
    "the last part takes the rounding remainder": (
        facts("10.00", "7.00", **refunded(("3.33", LATER), ("3.33", LATER), ("3.34", LATEST))),
        [
            ("placed", D("7.00")),
            ("refunded", D("-2.33")),
            ("refunded", D("-2.33")),
            ("refunded", D("-2.34")),
        ],
    ),
    "an order of total zero cannot be refunded": (
        facts("0.00", **refunded(("5.00", LATER))),
        [("placed", D("0.00"))],
    ),
    "a negative total counts as nothing": (facts("-5.00"), [("placed", D("0.00"))]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_amounts_of_the_ledger(case):
    order, expected = case

    assert amounts(entries_of(order, rate=D(1), now=NOW)) == expected


def test_base_amounts_use_one_rate_and_the_last_refund_takes_the_remainder():
    order = facts("10.00", **refunded(("3.33", LATER), ("6.67", LATEST)))

    entries = entries_of(order, rate=D("0.915"), now=NOW)

    # 10.00 × 0.915 = 9.15; 3.33 of 10 is 3.046… → 3.05; the rest is 9.15 - 3.05 = 6.10.
    assert [e.base_amount for e in entries] == [D("9.15"), D("-3.05"), D("-6.10")]


def test_without_a_rate_nothing_is_converted_and_nothing_dropped():
    entries = entries_of(facts(cancelled_at=LATER), rate=None, now=NOW)

    assert [e.base_amount for e in entries] == [None, None]
    assert [e.amount for e in entries] == [D("120.00"), D("-120.00")]


def test_the_excess_of_a_refund_is_what_goes_beyond_the_total():
    assert refund_excess(facts(**refunded(("150.00", LATER)))) == D("30.00")
    assert refund_excess(facts(**refunded(("120.00", LATER)))) == D("0.00")


def test_transactions_date_the_refunds():
    order = facts(**refunded(("30.00", LATER), ("50.00", LATEST)))

    assert [e.occurred_at for e in entries_of(order, rate=D(1), now=NOW)] == [
        PLACED,
        LATER,
        LATEST,
    ]


def test_a_refund_without_a_transaction_is_dated_now():
    order = facts(refunded=D("40.00"), refunds=(Refund(D("30.00"), LATER),))

    entries = entries_of(order, rate=D(1), now=NOW)

    assert amounts(entries)[1:] == [("refunded", D("-30.00")), ("refunded", D("-10.00"))]
    assert [e.occurred_at for e in entries[1:]] == [LATER, NOW]


def test_transactions_beyond_the_refunded_sum_are_never_added():
    order = facts(refunded=D("20.00"), refunds=(Refund(D("30.00"), LATER),))

    assert amounts(entries_of(order, rate=D(1), now=NOW))[1:] == [("refunded", D("-20.00"))]


def test_stored_dates_stay_when_the_history_changes():
    stored = entries_of(facts(cancelled_at=LATER, **refunded(("30.00", LATER))), rate=D(1), now=NOW)
    rewritten = OrderFacts(
        currency="EUR",
        total=D("120.00"),
        counted=D("120.00"),
        placed_at=LATEST,
        cancelled_at=LATEST,
        **refunded(("30.00", LATEST)),
    )

    again = entries_of(rewritten, rate=D(1), stored=stored, now=NOW)

    assert [e.occurred_at for e in again] == [PLACED, LATER, LATER]


def test_a_later_refund_is_dated_by_its_own_transaction():
    stored = entries_of(facts(**refunded(("30.00", LATER))), rate=D(1), now=NOW)
    order = facts(**refunded(("30.00", LATER), ("50.00", LATEST)))

    assert entries_of(order, rate=D(1), stored=stored, now=NOW)[2] == Entry(
        "refunded", 2, D("-50.00"), D("-50.00"), D("-50.00"), LATEST
    )


def test_a_refund_that_was_taken_back_shortens_the_newest_part():
    stored = entries_of(facts(**refunded(("30.00", LATER), ("50.00", LATEST))), rate=D(1), now=NOW)
    order = facts(refunded=D("45.00"), refunds=(Refund(D("30.00"), LATER),))

    entries = entries_of(order, rate=D(1), stored=stored, now=NOW)

    assert amounts(entries)[1:] == [("refunded", D("-30.00")), ("refunded", D("-15.00"))]


money = st.decimals(min_value=0, max_value=99_999, places=2)


@given(
    total=money,
    share=st.decimals(min_value=0, max_value=1, places=3),
    parts=st.lists(money, max_size=6),
    rate=st.none() | st.decimals(min_value="0.0001", max_value=200, places=4),
    cancelled=st.booleans(),
)
def test_no_order_ever_nets_below_zero_and_every_end_is_exactly_zero(
    total, share, parts, rate, cancelled
):
    counted = (total * share).quantize(D("0.01"))
    order = OrderFacts(
        currency="EUR",
        total=total,
        counted=counted,
        placed_at=PLACED,
        cancelled_at=LATER if cancelled else None,
        **refunded(*((str(part), LATER) for part in parts)),
    )

    entries = entries_of(order, rate=rate, now=NOW)
    net = sum((e.amount for e in entries), D(0))
    base = sum((e.base_amount or D(0) for e in entries), D(0))

    assert net >= 0
    assert base >= 0
    assert all(e.amount <= 0 for e in entries[1:])
    if cancelled or (sum(parts) >= total and total > 0):
        assert net == 0
        assert base == 0
    assert entries_of(order, rate=rate, stored=entries, now=LATEST) == entries
