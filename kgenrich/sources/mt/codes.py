"""What each engine calls a language: the one place for it.

Keys are Wikimedia codes. Engines cover what their documentation lists (2026); whoever runs another
version overrides single codes with the option ``codes`` of the source.
"""

from __future__ import annotations

from collections.abc import Mapping

from kgenrich.languages import current, fallbacks

_FLORES = """
ace ace_Latn af afr_Latn ak aka_Latn am amh_Ethi apc apc_Arab ar arb_Arab ary ary_Arab arz arz_Arab
as asm_Beng ast ast_Latn awa awa_Deva ay ayr_Latn azb azb_Arab az azj_Latn ba bak_Cyrl bm bam_Latn
ban ban_Latn be bel_Cyrl bem bem_Latn bn ben_Beng bho bho_Deva bjn bjn_Latn bo bod_Tibt bs bos_Latn
bug bug_Latn bg bul_Cyrl ca cat_Latn ceb ceb_Latn cs ces_Latn ckb ckb_Arab crh crh_Latn cy cym_Latn
da dan_Latn de deu_Latn din dik_Latn dz dzo_Tibt el ell_Grek en eng_Latn eo epo_Latn
et est_Latn eu eus_Latn ee ewe_Latn fo fao_Latn fj fij_Latn fi fin_Latn fon fon_Latn fr fra_Latn
fur fur_Latn ff fuv_Latn gd gla_Latn ga gle_Latn gl glg_Latn gn grn_Latn gu guj_Gujr ht hat_Latn
ha hau_Latn he heb_Hebr hi hin_Deva hr hrv_Latn hu hun_Latn hy hye_Armn ig ibo_Latn
ilo ilo_Latn id ind_Latn is isl_Latn it ita_Latn jv jav_Latn ja jpn_Jpan kab kab_Latn kac kac_Latn
kam kam_Latn kn kan_Knda ks kas_Arab ka kat_Geor kk kaz_Cyrl kbp kbp_Latn kea kea_Latn km khm_Khmr
ki kik_Latn rw kin_Latn ky kir_Cyrl kmb kmb_Latn ku kmr_Latn kr knc_Latn kg kon_Latn ko kor_Hang
lo lao_Laoo lij lij_Latn li lim_Latn ln lin_Latn lt lit_Latn lmo lmo_Latn ltg ltg_Latn lb ltz_Latn
lua lua_Latn lg lug_Latn lus lus_Latn lv lvs_Latn mag mag_Deva mai mai_Deva ml mal_Mlym
mr mar_Deva min min_Latn mk mkd_Cyrl mg plt_Latn mt mlt_Latn mni mni_Beng mn khk_Cyrl mos mos_Latn
mi mri_Latn my mya_Mymr nl nld_Latn nn nno_Latn nb nob_Latn ne npi_Deva nso nso_Latn
ny nya_Latn oc oci_Latn or ory_Orya pag pag_Latn pa pan_Guru pap pap_Latn fa pes_Arab pl pol_Latn
pt por_Latn ps pbt_Arab qu quy_Latn ro ron_Latn rn run_Latn ru rus_Cyrl sg sag_Latn sa san_Deva
sat sat_Olck scn scn_Latn shn shn_Mymr si sin_Sinh sk slk_Latn sl slv_Latn sm smo_Latn sn sna_Latn
sd snd_Arab so som_Latn st sot_Latn es spa_Latn sq als_Latn sc srd_Latn sr srp_Cyrl ss ssw_Latn
su sun_Latn sv swe_Latn sw swh_Latn szl szl_Latn ta tam_Taml tt tat_Cyrl te tel_Telu
tg tgk_Cyrl tl tgl_Latn th tha_Thai ti tir_Ethi tpi tpi_Latn tn tsn_Latn ts tso_Latn tk tuk_Latn
tum tum_Latn tr tur_Latn tw twi_Latn tzm tzm_Tfng ug uig_Arab uk ukr_Cyrl ur urd_Arab
uz uzn_Latn vec vec_Latn vi vie_Latn war war_Latn wo wol_Latn xh xho_Latn yi ydd_Hebr yo yor_Latn
yue yue_Hant zh zho_Hans zh-hans zho_Hans zh-cn zho_Hans zh-hant zho_Hant zh-tw zho_Hant
zh-hk zho_Hant ms zsm_Latn zu zul_Latn sr-ec srp_Cyrl
"""
_M2M = """
af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi
hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no oc
or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu
"""
_DEEPL = "ar bg cs da de el en es et fi fr he hu id it ja ko lt lv nb nl pl pt ro ru sk sl sv th tr"
_AZURE = """
af am ar as az ba bg bho bn bo brx bs ca cs cy da de dv el en es et eu fa fi fil fj fo fr ga gl gom
gu ha he hi hr hsb ht hu hy id ig is it iu ja ka kk km kn ko ks ku ky lb ln lo lt lv lzh mai
mg mi mk ml mni mr ms mt my nb ne nl nso ny or pa pl ps pt ro ru rw sd si sk sl sm sn so
sq st sv sw ta te th ti tk tn to tr tt ty ug uk ur uz vi xh yo yua yue zu
"""
_GOOGLE = """
af ak am ar as ay az be bg bho bm bn bs ca ceb ckb co cs cy da de dv ee el en eo es et eu fa fi
fr fy ga gd gl gn gom gu ha haw he hi hr ht hu hy id ig ilo is it ja jv ka kk km kn ko kri ku ky
la lb lg ln lo lt lus lv mai mg mi mk ml mn mr ms mt my ne nl no nso ny om or pa pl ps pt qu ro ru
rw sa sd si sk sl sm sn so sq sr st su sv sw ta te tg th ti tk tl tr ts tt ug uk ur uz vi xh yi yo
yue zu
"""
_LIBRE = """
ar az bg bn ca cs da de el en eo es et eu fa fi fr ga gl he hi hu id it ja ko ky lt lv ms nb nl pl
pt ro ru sk sl sq sr sv th tl tr uk ur vi
"""


def _same(codes: str, **other: str) -> dict[str, str]:
    return {code: code for code in codes.split()} | {
        name.replace("_", "-"): code for name, code in other.items()
    }


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


ENGINES: Mapping[str, Mapping[str, str]] = {
    "nllb": _pairs(_FLORES),
    "m2m-100": _same(_M2M, nb="no", nso="ns", zh_hans="zh", zh_cn="zh", sr_ec="sr"),
    "marian": {},
    "deepl": _same(
        _DEEPL,
        uk="uk",
        vi="vi",
        zh="zh",
        zh_hans="zh-hans",
        zh_cn="zh-hans",
        zh_hant="zh-hant",
        zh_tw="zh-hant",
        zh_hk="zh-hant",
        pt_br="pt-br",
    ),
    "azure": _same(
        _AZURE,
        tl="fil",
        zh="zh-Hans",
        zh_hans="zh-Hans",
        zh_cn="zh-Hans",
        zh_hant="zh-Hant",
        zh_tw="zh-Hant",
        zh_hk="zh-Hant",
        sr="sr-Cyrl",
        sr_ec="sr-Cyrl",
        sr_el="sr-Latn",
        mn="mn-Cyrl",
        pt_br="pt",
        iu="iu",
    ),
    "google": _same(
        _GOOGLE,
        nb="no",
        zh="zh-CN",
        zh_hans="zh-CN",
        zh_cn="zh-CN",
        zh_hant="zh-TW",
        zh_tw="zh-TW",
        zh_hk="zh-TW",
        pt_br="pt",
        sr_ec="sr",
    ),
    "libretranslate": _same(
        _LIBRE,
        zh="zh",
        zh_hans="zh",
        zh_cn="zh",
        zh_hant="zt",
        zh_tw="zt",
        zh_hk="zt",
        pt_br="pt-BR",
    ),
    "apertium": {"sr-el": "hbs_SR", "hr": "hbs_HR", "bs": "hbs_BS"},
}

_DEEPL_TARGET = {"en": "en-us", "pt": "pt-pt", "zh": "zh-hans"}
_DEEPL_SOURCE = {"zh-hans": "zh", "zh-hant": "zh", "pt-br": "pt"}


class Codes:
    """The codes of one engine, with the user's own first."""

    def __init__(self, engine: str, own: Mapping[str, str] | None = None) -> None:
        self._engine = engine
        self._codes = {**ENGINES[engine], **(own or {})}
        self._own = frozenset(own or ())

    def code(self, language: str) -> str | None:
        """The engine's code, None for a language that it does not know.

        A language that the engine does not tell from another by its code (``de-at``, ``en-gb``) is
        asked for as that one; scripts and languages of their own are not.
        """
        language = current(language)
        if language in self._codes:
            return self._codes[language]
        if self._engine in ("marian", "apertium"):
            return _alpha3(language) if self._engine == "apertium" else language
        base, _, region = language.partition("-")
        if region and base in fallbacks(language) and len(region) == 2 and base != "zh":
            return self._codes.get(base)
        return None

    def source(self, language: str) -> str | None:
        """The code as that of a text to be translated."""
        code = self.code(language)
        return _DEEPL_SOURCE.get(code, code) if code and self._engine == "deepl" else code

    def target(self, language: str) -> str | None:
        """The code as that of the translation."""
        code = self.code(language)
        if code and self._engine == "deepl" and language not in self._own:
            return _DEEPL_TARGET.get(code, code)
        return code


def _alpha3(language: str) -> str:
    """ISO 639-3, by which Apertium's modes are called."""
    from langcodes import get as tag

    from kgenrich.languages import bcp47

    try:
        return tag(bcp47(language)).to_alpha3()
    except (LookupError, ValueError):
        return language
