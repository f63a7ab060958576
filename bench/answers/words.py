"""What Kokoro's voices say for the answer network: yes, no, and other words, many of them near in sound.

Each entry is a text and how it is pronounced, in Kokoro's own letters, with a number before it where it is said more
often than once in a round.
"""

from typing import Final

_YES = """
9 yes: jˈɛs; 7 yeah: jˈɛə; 3 yep: jˈɛp; 2 yup: jˈʌp; sure: ʃˈʊɹ; 2 okay: ˌOkˈA; absolutely: ˈæbsəlˌutli;
exactly: ɪɡzˈæktli; correct: kəɹˈɛkt; right: ɹˈIt; 2 that's right: ðˈæts ɹˈIt; that's correct: ðˈæts kəɹˈɛkt;
that is right: ðˈæt ɪz ɹˈIt; that is correct: ðˈæt ɪz kəɹˈɛkt; it's correct: ɪts kəɹˈɛkt;
yes please: jˈɛs plˈiz; yes that's right: jˈɛs ðˈæts ɹˈIt; yes that is correct: jˈɛs ðæt ɪz kəɹˈɛkt;
yeah that's right: jˈɛə ðæts ɹˈIt; yes right: jˈɛs ɹˈIt; yep that's right: jˈɛp ðæts ɹˈIt;
"""
_NO = """
14 no: nˈO; 4 nope: nˈOp; 3 nah: nˈæ; 2 wrong: ɹˈɔŋ; incorrect: ˌɪnkəɹˈɛkt; no thanks: nˈO θˈæŋks;
no thank you: nˈO θˈæŋk ju; that's wrong: ðˈæts ɹˈɔŋ; that is wrong: ðˈæt ɪz ɹˈɔŋ; it's wrong: ɪts ɹˈɔŋ;
it isn't: ɪt ˈɪzᵊnt; no that's wrong: nˈO ðˈæts ɹˈɔŋ; no wrong: nˈO ɹˈɔŋ; that is incorrect: ðˈæt ɪz ˌɪnkəɹˈɛkt;
no it isn't: nˈO ɪt ˈɪzᵊnt;
"""
_OTHER = """
go back: ɡˌO bˈæk; 6 go: ɡˌO; goal: ɡˈOl; gold: ɡˈOld; back: bˈæk; going: ɡˈOɪŋ; 2 now: nˈW; 2 note: nˈOt;
snow: snˈO; 2 low: lˈO; 2 hello: həlˈO; 2 oh: ˈO; mow: mˈO; so: sˌO; show: ʃˈO; toe: tˈO; grow: ɡɹˈO;
though: ðˌO; throw: θɹˈO; nose: nˈOz; 2 nine: nˈIn; nor: nˈɔɹ; 2 none: nˈʌn; nothing: nˈʌθɪŋ; new: nˈu;
knee: nˈi; near: nˌɪɹ; nice: nˈIs; name: nˈAm; 2 need: nˈid; never: nˈɛvəɹ; next: nˈɛkst; noon: nˈun;
3 yet: jˈɛt; 2 guess: ɡˈɛs; yesterday: jˈɛstəɹdˌA; less: lˈɛs; chess: ʧˈɛs; us: ˌʌs; yard: jˈɑɹd; 2 year: jˈɪɹ;
yellow: jˈɛlO; 6 you: ju; young: jˈʌŋ; your: jʊɹ; yell: jˈɛl; youth: jˈuθ; use: jˈus; unit: jˈunət; ears: ˈɪɹz;
2 get: ɡˈɛt; test: tˈɛst; 2 just: ʤˈʌst; best: bˈɛst; 2 rest: ɹˈɛst; dress: dɹˈɛs; press: pɹˈɛs; guest: ɡˈɛst;
tests: tˈɛsts; said: sˈɛd; set: sˈɛt; yo: jˈO; yogurt: jˈOɡəɹt; jet: ʤˈɛt; jest: ʤˈɛst; help me: hˈɛlp mˌi;
repeat that: ɹəpˈit ðæt; hang up: hˈæŋ ˌʌp; hold on: hˈOld ˌɔn; start over: stˈɑɹt ˈOvəɹ;
what did you say: wˌʌt dˈɪd ju sˈA; can you repeat that: kæn ju ɹəpˈit ðˈæt; say that again: sˈA ðæt əɡˈɛn;
i didn't hear you: ˈI dˈɪdᵊnt hˈɪɹ ju; excuse me: ɪkskjˈuz mˌi; 2 stop: stˈɑp; start: stˈɑɹt; 2 over: ˈOvəɹ;
2 help: hˈɛlp; 3 me: mˌi; 3 repeat: ɹəpˈit; 3 that: ðˈæt; 2 operator: ˈɑpəɹˌATəɹ; agent: ˈAʤᵊnt;
2 goodbye: ɡˌʊdbˈI; bye: bˈI; hang: hˈæŋ; 3 up: ˌʌp; hold: hˈOld; 3 on: ˌɔn; wait: wˈAt; pardon: pˈɑɹdᵊn;
4 what: wˌʌt; did: dˈɪd; 2 say: sˈA; can: kˈæn; 2 again: əɡˈɛn; 3 i: ˈI; didn't: dˈɪdᵊnt; hear: hˈɪɹ;
excuse: ɪkskjˈus; sorry: sˈɔɹi; huh: hˈʌ; who: hˌu; why: wˌI; when: wˌɛn; where: wˌɛɹ;
card number: kˈɑɹd nˈʌmbəɹ; e check: ˈi ʧˈɛk; credit card: kɹˈɛdət kˈɑɹd; bank account: bˈæŋk əkˈWnt;
routing number: ɹˈWTɪŋ nˈʌmbəɹ; security code: səkjˈʊɹəTi kˈOd; pay the bill: pˈA ðə bˈɪl; 3 card: kˈɑɹd;
3 number: nˈʌmbəɹ; 2 check: ʧˈɛk; e: ˈi; credit: kɹˈɛdət; debit: dˈɛbɪt; visa: vˈizə; mastercard: mˈæstəɹkˌɑɹd;
amex: ˈæmˌɛks; bank: bˈæŋk; account: əkˈWnt; checking: ʧˈɛkɪŋ; savings: sˈAvɪŋz; routing: ɹˈWTɪŋ;
security: səkjˈʊɹəTi; code: kˈOd; expiration: ˌɛkspəɹˈAʃən; 2 pay: pˈA; 3 the: ðə; bill: bˈɪl; payment: pˈAmᵊnt;
invoice: ˈɪnvˌYs; amount: əmˈWnt; balance: bˈæləns; due: dˈu; total: tˈOTᵊl; zero: zˈɪɹO; 4 one: wˈʌn; two: tˈu;
three: θɹˈi; four: fˈɔɹ; five: fˈIv; six: sˈɪks; seven: sˈɛvən; eight: ˈAt; ten: tˈɛn; eleven: əlˈɛvᵊn;
twelve: twˈɛlv; twenty: twˈɛnti; thirty: θˈɜɹTi; forty: fˈɔɹTi; fifty: fˈɪfti; hundred: hˈʌndɹəd;
thousand: θˈWzᵊnd; 2 first: fˈɜɹst; 2 second: sˈɛkənd; third: θˈɜɹd; last: lˈæst; all: ˈɔl; both: bˈOθ;
2 down: dˌWn; 2 left: lˈɛft; 2 off: ˈɔf; forward: fˈɔɹwəɹd; backward: bˈækwəɹd; follow: fˈɑlO; learn: lˈɜɹn;
visual: vˈɪʒəwəl; bed: bˈɛd; bird: bˈɜɹd; cat: kˈæt; dog: dˈɔɡ; happy: hˈæpi; house: hˈWs; marvin: mˈɑɹvɪn;
sheila: ʃˈAlə; tree: tɹˈi; wow: wˈW; thank you: θˈæŋk ju; come in: kˈʌm ˈɪn; i don't know: ˈI dˈOnt nˈO;
not yet: nˌɑt jˈɛt; in a minute: ɪn ɐ mˈɪnət; one moment: wˈʌn mˈOmᵊnt; just a second: ʤˈʌst ɐ sˈɛkənd;
let me see: lˈɛt mˌi sˈi; the other one: ði ˈʌðəɹ wˈʌn; the first one: ðə fˈɜɹst wˈʌn;
i need a person: ˈI nˈid ɐ pˈɜɹsᵊn; talk to someone: tˈɔk tə sˈʌmwˌʌn; customer service: kˈʌstəməɹ sˈɜɹvəs;
thanks: θˈæŋks; thank: θˈæŋk; please: plˈiz; hi: hˈI; hey: hˈA; listen: lˈɪsᵊn; look: lˈʊk; come: kˈʌm;
2 in: ˈɪn; don't: dˈOnt; know: nˈO; maybe: mˈAbi; perhaps: pəɹhˈæps; 2 not: nˌɑt; 3 a: ɐ; minute: mˈɪnət;
moment: mˈOmᵊnt; let: lˈɛt; see: sˈi; 2 other: ˈʌðəɹ; person: pˈɜɹsᵊn; talk: tˈɔk; to: tu; someone: sˈʌmwˌʌn;
customer: kˈʌstəməɹ; service: sˈɜɹvəs; apple: ˈæpᵊl; water: wˈɔTəɹ; table: tˈAbᵊl; morning: mˈɔɹnɪŋ;
evening: ˈivnɪŋ; money: mˈʌni; phone: fˈOn; kitchen: kˈɪʧᵊn; window: wˈɪndO; mother: mˈʌðəɹ; brother: bɹˈʌðəɹ;
summer: sˈʌməɹ; paper: pˈApəɹ; music: mjˈuzɪk; people: pˈipᵊl; little: lˈɪTᵊl; problem: pɹˈɑbləm;
question: kwˈɛsʧᵊn; answer: ˈænsəɹ; before: bəfˈɔɹ; about: əbˈWt; after: ˈæftəɹ; because: bəkˈʌz; could: kˈʊd;
would: wˈʊd; should: ʃˌʊd; there: ðˈɛɹ; their: ðɛɹ; another: ənˈʌðəɹ; only: ˈOnli; under: ˈʌndəɹ; very: vˈɛɹi;
really: ɹˈiᵊli; song: sˈɔŋ; long: lˈɔŋ; strong: stɹˈɔŋ; along: əlˈɔŋ; rung: ɹˈʌŋ; run: ɹˈʌn; ron: ɹˈɑn;
rock: ɹˈɑk; wrap: ɹˈæp; round: ɹˈWnd; ring: ɹˈɪŋ; rain: ɹˈAn; read: ɹˈid; reach: ɹˈiʧ; road: ɹˈOd; room: ɹˈum;
roll: ɹˈOl; rose: ɹˈOz; rise: ɹˈIz; lot: lˈɑt; got: ɡˈɑt; hot: hˈɑt; watch: wˈɑʧ; want: wˈɑnt; wash: wˈɔʃ;
2 wall: wˈɔl; mm: m; um: ˈʌm; uh: ˈʌ; er: ˈɜɹ; ah: ˈɑ; hmm: hmm; ooh: ˈu; ow: ˈW; eh: ˈA;
"""


def _read(table: str) -> dict[str, tuple[str, int]]:
    entries = (entry.strip().split(": ") for entry in table.replace("\n", " ").split(";") if entry.strip())
    found: dict[str, tuple[str, int]] = {}
    for text, letters in entries:
        times, _, rest = text.partition(" ")
        found[rest if times.isdigit() else text] = letters, int(times) if times.isdigit() else 1
    return found


SAID: Final = {"yes": _read(_YES), "no": _read(_NO), "other": _read(_OTHER)}
"""By what it is, each text with its letters and how often it is said."""

CONSONANTS: Final = tuple("bdfɡhklmnpɹsʃtvwjzʧʤθ")
VOWELS: Final = tuple("AIOWYiuɑɔæɛɪʌʊ")
ANSWERS: Final = frozenset(["nO", "jɛs", "jæ", "næ", "jɛ", "nOp", "nɑ", "jɛp", "jʌp", "ʃʊɹ", "ɹIt", "nɔ", "nʌ", "jʌ"])
"""What a made-up word must not be."""
