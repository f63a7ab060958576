"""Every number that `decide` weighs evidence with. Nothing else in this room is tuned."""

from collections.abc import Mapping
from dataclasses import dataclass

BEAM_NATS = 22.0
"""Alternatives further than this below the best are not looked at."""


@dataclass(frozen=True, slots=True)
class Margins:
    """When a value is accepted and when it is confirmed, in nats.

    Attributes:
        accept: distance to the runner-up from which no question is asked.
        confirm: distance from which the value is proposed; below it the caller is asked again.
        spent: how far below the best unchecked reading an accepted value may lie.
        stretched: the same for a proposed one.
    """

    accept: float
    confirm: float
    spent: float
    stretched: float


NUMBERS = {
    # Of 200 cards on tuning clips of which one digit was said wrong, another valid one was taken 4 times at 4.0, twice
    # at 6.0, which asks about 2 of 112 that were right.
    "card_number": Margins(accept=6.0, confirm=0.5, spent=1.5, stretched=9.0),
    # At 15 dB "oh oh" was heard as "eight eight" with 7.2, and one in ten such numbers passes the checksum.
    "routing_number": Margins(accept=8.0, confirm=0.5, spent=1.5, stretched=9.0),
    "account_number": Margins(accept=3.0, confirm=0.3, spent=4.0, stretched=15.0),
    # Of at most 10 that two hearings can give (`EDIT_NATS` each). A first "six" that lost its hiss on the telephone was
    # heard as "eight" twice, with 7.8.
    "bank_account_number": Margins(accept=8.0, confirm=0.3, spent=1.5, stretched=2.0),
    # Nothing checks a code. Of 360 on tuning clips (160 clean, 120 at 15 dB, 80 at 10), heard by a digit network that
    # never heard the speaker, and by Whisper where unsure, 288 are taken, 1 of them wrong; at 5.0, with 4.0 to be
    # spent, 274 and 2, at 3.0 303 and 1.
    "security_code": Margins(accept=4.0, confirm=0.5, spent=1.5, stretched=8.0),
    "expiration": Margins(accept=3.0, confirm=0.5, spent=4.0, stretched=9.0),
}
CHOICES = Margins(accept=1.0, confirm=1.0, spent=8.0, stretched=8.0)
"""The same for answers out of a few: yes or no, card or check."""

FRAGMENT_NATS = 2.0
"""What words that are no answer, or no word at all, weigh less than an answer to a menu: the recogniser's list has the
pairs of words of all answers, so that "my" and "by" come too easily, and silence in noise.

Of 128 answers ("card", "pay by e check" and others, three of four at 15 dB) 71 were taken with the list of pairs, 84
with the list of whole answers (`phrases`), 95 with 2.0 beside it, 97 with 3.0; of 80 other words and coughs 1, 1, 4
and 6. The same clips chose it.
"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """When an answer to a menu is asked about that may have been none, in nats.

    Attributes:
        least: how far before anything else it must be, which is mostly below 0.
        lead: how far before all other answers and commands.
    """

    least: float
    lead: float


PROPOSED_CHOICE = Proposed(least=-4.0, lead=2.0)
"""Of 180 "card", "pay by e check" and others, half of them at 15 dB and half at 10, 126 are taken; of the other 54 37
are asked about, 36 of them the one that was said. Of 242 commands and 392 other words that are not understood 43 and
130 are asked about too, and refused with a no. The same clips chose it.
"""

UNLIKELY_WORDS = {"oh": 3.0, "no": 6.0}
"""Words that the recogniser hears too easily, and what each costs: any vowel is an "oh", and many an "oh" a "no"."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What it costs to change one digit of what was heard, in nats."""

    supply: float
    drop: float
    drop_double: float
    exchange: float


REPAIRS = Repairs(supply=7.0, drop=8.0, drop_double=6.0, exchange=7.0)
REPAIRED_TEXTS = 2
"""How many of a segment's likeliest texts are offered with a change as well."""

EDIT_NATS = 5.0
"""What one digit of difference costs between a hearing and a candidate of another hearing."""

NETWORK_WEIGHT = 0.6
"""What a nat of the digit network's opinion of a segment is worth against one of the recogniser's.

Of 0.4, 0.6, 0.8 and 1.0 on tuning clips of the two hardest speakers, each left out: at 1.0 more is taken unasked, and
one of 120 cards was taken wrong; at 0.6 none, and as many best values are right.
"""

NETWORK_LEAST = -30.0
"""However unlikely the digit network thinks something, it weighs no more than this, in nats."""

HEARING_TEXTS = 60
"""How many texts of each hearing candidates are compared with."""

LIKELIEST_TEXTS = 3
"""Texts of each hearing that may be the best of all hearings together."""

SECOND_SPENT = 4.5
"""How far below the best unchecked reading an accepted value may lie that two recognisers have heard, in nats of both.

Of 240 cards on tuning clips 87 % were then taken unasked, at 3.5 85 %, and none wrong at either, nor at 5.0. Of 540 of
the two hardest speakers' in whose place another number was asked for, as if the caller had made a slip, 16 were taken
as another card at 4.5 and 14 at 3.5; before there was a digit network 18, at 3.5.

That was with Whisper's decoder. With the network above its encoder, each speaker left out, 88 % are taken unasked at
4.5 and at 3.5, none wrong, and of 440 of all speakers' in whose place another number was asked for 16 at both.
"""

SECOND_ACCEPT = {"card_number": 7.0, "bank_account_number": 10.0}
"""Distance to the runner-up from which a number is taken that two recognisers have heard, where it is not that of one.

Of those 440 13 are then taken as another card instead of 16, and 211 instead of 212 of the 240 are; at 8.0 10, and 207.
With Whisper's decoder, at 6.0, 11 were taken, and 200. For a bank account see `SECOND_TWICE`.
"""

SECOND_TWICE = 6.0
"""Distance to the runner-up from which two sayings of a number that nothing checks agree by the second recogniser,
where they do not by the first one alone. By both together it must be `SECOND_ACCEPT` in any case.

Of 288 numbers of 6 to 12 digits on tuning clips (four people, each heard by a network that never heard them, and ten
synthetic voices; clean, 15 and 10 dB), each said three times, so 288 pairs of sayings on each line, 129, 29 and 4 were
taken by the first one alone. With 10.0 and 6.0 177, 69 and 30 are, none wrong; with 8.0 and 6.0 183, 72 and 34, one
wrong (a "six" taken for an "eight"); with 10.0 and no distance by the second one 202, 118 and 56, five wrong. Of 864
pairs in one of which another digit was said none is taken with any of these. Of 432 pairs of 144 more numbers, heard
once all this was chosen, 149 are taken instead of 95, none wrong.
"""


@dataclass(frozen=True, slots=True)
class FirstWord:
    """How a second recogniser weighs in that says how likely an answer began with a word.

    Attributes:
        times: what a nat of it counts: it knows all words.
        neutral: by content, how likely, as a logarithm, it must find an answer to have begun so that this speaks
            neither for nor against it.
        rival_times: what each nat counts against an answer that its rival (`RIVALS`) is likelier than `RIVAL_FROM`.
        sure: by content, the score from which it is not asked.
    """

    times: float
    neutral: Mapping[str, float]
    rival_times: float
    sure: Mapping[str, float]


WHOLE_TIMES = 1.5
WHOLE_NEUTRAL: Mapping[str, float] = {"yes": 0.0, "no": -2.0}
WHOLE_LIMITS = -8.0, 3.0
"""What a nat of log odds counts that all of the sound is an answer, from where on it speaks for it, and its limits.

Of 260 "yes" and 264 "no" on tuning clips (16 kHz; 8 kHz clean, 20 and 15 dB), heard by networks that had never heard
the speaker, 257 and 259 are then taken, and of 984 other words and digits 3; without, 257, 258 and 13, most of these
for answers of more words or rare ones ("correct" for "go"). With 1 instead of 1.5, 257, 259 and 5.
"""

NAMED = -1.5
"""How likely, as a logarithm, it must find a rare word ("sure", "absolutely") first for the doubt of the whole sound
not to count. Synthetic voices chose it."""

SECOND_AND_VOSK = FirstWord(
    times=3.0, neutral={"yes": -1.0, "no": -2.25}, rival_times=2.0, sure={"yes": 7.0, "no": 7.0}
)
"""Where the answer network was not asked. A yes confirms, so more is asked of it.

Of 195 "yes" and 198 "no" on tuning clips (8 kHz clean and 20 dB, 16 kHz) 192 and 193 were then taken, and of 756
other words 2 for "yes" and 2 for "no", the latter by the first recogniser alone. From half a nat less to a third of a
nat more for "yes", and up to 1.5 nats more for "no", 190 or more of each are taken, and 1 to 4 other words.
`FRAGMENT_NATS` counts here as in menus, as "yes" is often heard as "you", half of "thank you"; but not for no word at
all. The second one is not asked about 57 and 74 % of them, and of 1,248 other words about three that were taken: a "go"
on two lines, which it would not have told from "no" either, and a "nine".
"""

SECOND_AND_NETWORK = FirstWord(
    times=2.0, neutral={"yes": -3.25, "no": -3.75}, rival_times=1.32, sure={"yes": 3.0, "no": 5.0}
)
"""Where it was.

Of the same clips, heard by five networks that had never heard the speaker: 193 of 195 "yes" and 190 of 198 "no" are
taken, and of 1,098 other words, digits and noises none for "yes" and none for "no". The second one is not asked about
95 and 72 % of them; at 4.0 for "no" about 81 %, and one "nine" of a strong accent is taken for it.
"""

NETWORK_MARGIN = 0.5, -12.0, 4.0
"""What a nat of the recogniser's margin counts beside the answer network's opinion, and within which limits."""

MORE_WORDS_NATS = 1.0
"""How much less likely the first word of an answer may be that is none by itself ("that's"): others bear it out.

Synthetic voices chose it.
"""

AFFIRMED_NATS = 1.0
"""How much further a yes must be before everything else at the last question that is none by the first recogniser alone
("yep", "yup").

Of ten synthetic voices, clean, at 15 and at 10 dB, both hear 35 of 50 "yep" and 16 of 30 "yup" so, where 8 and 2 were
taken for a "yeah" before; of 50 "hang up", 100 "no" and "nope" and 1,420 other words and commands none. Of 90 words
that rhyme with it ("yet", "app", "yelp") 5 are taken beside the 22 that were taken for a "yeah" before.
"""

RIVALS = {"yes": "no", "no": "go"}
RIVAL_FROM = -5.0
"""A word that is near to an answer, or that it must not be taken for, and what each nat from this likelihood on counts
against the answer.

Of 1,244 other words and digits 7 were taken for "no" without it instead of 5, the two a "go", and the "nah" of two
synthetic voices for "yes" (with the other numbers as they were at first). No "yes" or "no" is lost by it.
"""

HEARD_AGAIN_KINDS = frozenset({"account_number", "card_number", "routing_number", "security_code"})
"""What a second recogniser and the digit network are asked about, where the first recogniser leaves it unsure."""

SECOND_KINDS = HEARD_AGAIN_KINDS | {"bank_account_number"}
"""What a second recogniser is asked about. Of a number that nothing checks it hears each saying, sure or not."""

SETTLED_HEARINGS = 3
SETTLED_SHARE = 0.5
"""From so many hearings on, this share of the margin is enough: one that went wrong holds up all that follow."""

PROPOSED_TOGETHER = 2.5
"""From this distance to the runner-up on two hearings together have no rival: the last four digits are proof enough.

Of 48 cards on tuning clips, said twice by the two hardest speakers, all 15 like that were right.
"""

NEAR_NATS = 2.0
"""Values so close to the best one tell where the doubt is. That only chooses which group is asked for."""

MOST_NEAR = 20
"""Near values from which on nobody can say where they differ, as no more of them are looked for (`join`)."""

GROUP_MARGIN = 4.0
"""Distance to the runner-up from which a card is taken of which one group was said anew: two hearings agree on it."""

GROUP_NATS = 2.0
"""How far before any other text, valid or not, a group must be that was said anew and is taken unasked."""

COMMAND_NATS = 2.0
"""A command must be this much likelier than any value of the same segment."""

HARMLESS_COMMAND_NATS = 1.0
"""How much likelier "some other word", or none, may be than a command that loses nothing when it was not meant; others
must be the likelier ones.

At menus, mostly at 15 dB, 24 of 72 commands that were heard had not been said (other words were heard as "operator",
"hold on", "goodbye"), 6 with this; of the 48 that had been said, 43 are taken still. The same clips chose it.
"""

ENDING_NATS = 3.0
"""How much likelier than anything else a word must be that ends the call, to be taken unasked.

Of 96 such words at menus (half of them at 15 dB, a quarter at 10) 43 were the likeliest, 33 by this much; of 258 other
answers and commands 4, all of them "go back" heard as "goodbye", none by this much. The same clips chose it.
"""

DOUBTFUL_NATS = 6.0
"""How much likelier something else may be than a word that ends the call, for the caller to be asked about it. Of those
96 that are 29 more, of the 258 the same 4."""

SHORT_ENDINGS = frozenset({("bye",)})
"""Words that would end the call and are always asked about: of 80 "five" of four speakers (tuning clips, a clean line),
said to a yes or no, 39 are a "bye" to both recognisers, 23 of them so clearly that the call would end.
"""

WRITTEN_SHARE = 0.05
"""How likely a second recogniser must find a command that the first one did not hear, to be obeyed or asked about.

Of 200 commands by ten synthetic voices at 15 dB, at a menu, it writes 63 at a fifth, 73 at a tenth, 84 at this; at a
card number 57, 71 and 80. Of 340 and 250 other words and answers 3, 7 and 10 were taken for a command, if the first
recogniser made nothing of them ("wait a bit" for "hold on", "card" and "car" for "help", or "bye", which is asked
about), of 120 strings of one to three digits 2 at either ("five five" for "bye"). The same clips chose it.
"""

WRITTEN_BESIDE_ANSWERS = 0.2
"""The same beside yes and no, where people say other words more often: of 350 of theirs (8 and 16 kHz) one is taken for
a command that the first recogniser made nothing of."""

BORNE_OUT_SHARE = 0.01
"""How likely a second recogniser must find texts with a command in them that the first one heard beside yes and no.

Of 224 commands by synthetic voices that the first one heard (8 kHz, clean and 15 dB) 220 have that much; of 25 other
words of people that it took for one, of 744, one has, and of 23 digits of two accented speakers 11: their "five" is a
"bye" to both.
"""

UNREADABLE_SHARE = 0.05
"""From which share on a text shows that a second recogniser can read what was said beside yes and no. Of some voices it
cannot: what the first one heard then as likelier than anything else stands, or is asked about if it would end the call.

Of 140 "operator", "representative", "hang up" and others of that sort by ten synthetic voices, half of them at 15 dB,
104 are taken or asked about at the last question, 76 without; of 260 other words of theirs 17 and 16 are taken for a
command (12 of them "wait a bit"), of 332 of people on tuning clips 4 and 4. The same clips chose it.
"""

WRITTEN_WORDS = 4
"""Words of a number that may have been something else, if they are fewer than the shortest has digits: more are a
number that was begun. "Operator" is heard as "one eight", "I want to talk to a person" as four digits."""

SHORTEST_COMMAND_S, LONGEST_COMMAND_S = 0.25, 3.0
"""How long a stretch of speech is that may be a command. What is shorter is a knock, of which a noisy line has many."""

SHORTEST_DIGIT_S = 0.25
"""How long a sound is that may have been a digit though most likely it was no word. A bank account was heard four times
without its first "six", of which a sound of a second was left each time, and so another one was taken.
"""

# Silence after which a decision stands, in seconds since the end of the last part.
COMPLETE_S = 0.2
MAY_GO_ON_S = 0.9
INCOMPLETE_S = 2.5
GROUPS_INCOMPLETE_S = 3.0
"""Of a number that is always said in groups: of a soft "zero" after a pause of 2 s the detector hears the end only,
2.7 s after the group before."""
INTERDIGIT_S = 3.0
SECOND_PRESS_S = 0.8
"""The same key pressed twice within this time is one gesture."""
TWICE_S = 1.5
"""Of a number that nothing checks nobody can tell whether it is whole: longer than a pause between groups."""
BEGINS_ANEW_S = 2.0
"""A silence from which on who speaks on may have begun anew, as nobody told them that their beginning was lost.

Of groups of three the checksum of a routing number is the same in any order that goes round: a simulated caller spoke
over the question, said the lost first group last, and paid from another bank.
"""
PAUSES_AGAIN = 1.5
"""Who paused within such a number may pause so much longer again, up to the wait for an incomplete one."""
