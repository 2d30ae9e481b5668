"""The names of languages as directories write them, and their BCP 47 tags.

`langcodes` knows the tags; the names of languages come as data that it does not carry, so the names that directories in English use are kept
here. A name that is qualified ("Spanish (limited)", "Creole translators on request") is not a language a visitor can count on.
"""

import re
from functools import lru_cache

import langcodes

LONGEST_NAME, LONGEST_TEXT = 100, 1_000

_NAMES = """
af:afrikaans am:amharic ar:arabic as:assamese az:azerbaijani,azeri be:belarusian bg:bulgarian bn:bengali,bangla bo:tibetan bs:bosnian
ca:catalan ceb:cebuano cs:czech cy:welsh,cymraeg da:danish de:german,deutsch el:greek en:english,ingles,inglés es:spanish,español,espanol
et:estonian eu:basque fa:farsi,persian fi:finnish fil:filipino,tagalog fj:fijian fr:french,français,francais ga:irish,irish gaelic
gd:scottish gaelic,gaelic gl:galician gu:gujarati ha:hausa haw:hawaiian he:hebrew hi:hindi hmn:hmong hr:croatian
ht:haitian creole,haitian,creole,kreyol,kreyòl hu:hungarian hy:armenian id:indonesian ig:igbo ilo:ilocano is:icelandic it:italian ja:japanese
jam:jamaican patois,patois ka:georgian kar:karen kk:kazakh km:khmer,cambodian kn:kannada ko:korean ku:kurdish ckb:sorani,kurdish sorani
kmr:kurmanji ky:kyrgyz la:latin lb:luxembourgish ln:lingala lo:lao,laotian lt:lithuanian lv:latvian mg:malagasy mi:maori mk:macedonian
ml:malayalam mn:mongolian mr:marathi ms:malay mt:maltese my:burmese nan:taiwanese ne:nepali,nepalese nl:dutch,flemish no:norwegian
ny:chichewa om:oromo or:odia,oriya pa:punjabi,panjabi pl:polish ps:pashto,pushto pt:portuguese,português,portugues qu:quechua
ro:romanian,moldovan rom:romani,romany ru:russian rw:kinyarwanda sd:sindhi si:sinhala,sinhalese sk:slovak sl:slovenian,slovene sm:samoan
sn:shona so:somali sq:albanian sr:serbian st:sesotho,sotho su:sundanese syl:sylheti sv:swedish sw:swahili,kiswahili ta:tamil te:telugu tg:tajik
th:thai ti:tigrinya,tigrigna tk:turkmen tl:pilipino tn:setswana,tswana to:tongan tr:turkish tw:twi uk:ukrainian ur:urdu uz:uzbek
vi:vietnamese wo:wolof xh:xhosa yi:yiddish yo:yoruba yue:cantonese zh:chinese,mandarin,mandarin chinese zu:zulu
ase:american sign language,asl bfi:british sign language,bsl isg:irish sign language
"""


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    """Name in lower case to tag."""
    names = {}
    for entry in re.findall(r"([a-z]{2,3}):([^:]+)(?=\s[a-z]{2,3}:|\s*$)", " ".join(_NAMES.split())):
        names.update(dict.fromkeys(entry[1].split(","), entry[0]))
    return names


def tag_of(name: str) -> str | None:
    """The BCP 47 tag for a language's name or code ("Haitian Creole", "eng", "pt-BR"); None where it is neither."""
    return _tag(name) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=4096)
def _tag(name: str) -> str | None:
    if named := _named(name):
        return named
    code = name.strip()
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", code) or not langcodes.tag_is_valid(code):
        return None
    return langcodes.standardize_tag(code)


def _named(name: str) -> str | None:
    written = " ".join(name.replace("-", " ").split()).lower()
    return _tags().get(written) or _tags().get(written.removesuffix(" language"))


def tags_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages that a text names ("English and Spanish; Tagalog") as tags, and the pieces that name none."""
    return _tags_in(text[:LONGEST_TEXT])


@lru_cache(maxsize=4096)
def _tags_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pieces = [piece.strip(" .*") for piece in re.split(r"[,;/&\n]|\\n|\band\b|\.\s", text)]
    # In a sentence "is" and "to" are words, on their own they may be codes.
    read = {piece: _named(piece) if len(pieces) > 1 else tag_of(piece) for piece in pieces if piece}
    return tuple(dict.fromkeys(tag for tag in read.values() if tag)), tuple(piece[:80] for piece, tag in read.items() if not tag)
