"""Words for secrets in the languages that people write labels in, without their accents."""

from __future__ import annotations

import unicodedata

# Each is enough by itself: a password, a token, or an adjective such as `segreta`.
_SECRETS = """
    adgangskode adgangssætning anahtarkelime contrasenya contraseña contraseñas contrasinal
    cyfrinair datenbankpasswort fjalëkalimi frase-senha geheim geheime geheimen geheimer geheimes
    geheimnis geheimwort geheimzahl geslo gizli hasło hasła heslo hemlig hemligt hemmelig
    hemmeligt jelmondat jelszó jeton jetons kennwort kodeord kodord kodewort losungswort
    lösenfras lösenord lozinka lykilorð mdp motdepasse netzwerkschlüssel parola parolă parool
    pasahitza pasfhocal passfras passord passordfrase passwort passwörter pasvorto pincode pinkod
    pinkode pinkoodi salainen salalause salasana salasõna secreta secretas secreto secretos
    secrète secrètes segredo segreta segreto sekret senha senhas slaptažodis şifre tajemství tajna
    tajne tajni tajny tilgangskode titkos toegangscode tunnusluku wachtwoord wachtwoorden wachtzin
    wlanschlüssel zaporka zugangscode zugangsdaten zugangsschlüssel zugriffscode
    гасло лозинка парола пароли пароль паролі секрет секретний секретно секретный таен тайна токен
    μυστικό συνθηματικό סוד סודי סיסמא סיסמה סיסמת السري السرية پاسورد گذرواژه
    कूटशब्द पासवर्ड পাসওয়ার্ড கடவுச்சொல் รหัสผ่าน
    apiキー シークレット トークン パスコード パスフレーズ パスワード 合言葉 暗号鍵 暗証番号 秘密鍵
    令牌 口令 密码 密碼 密钥 密鑰 秘钥 私钥 私鑰 通行码 通行碼
    api키 비밀번호 비밀키 비번 시크릿 암호 토큰 패스워드 패스프레이즈
"""
# Several words that mean a secret only together.
_PHRASES = """
    mot de passe, palavra passe, palabra clave, parola chiave, mật khẩu, khóa bí mật, kata sandi,
    kata laluan, kata kunci, кодовое слово, رمز المرور, رمز عبور, كلمة السر, كلمة المرور, كلمة مرور,
    کلمه عبور, پاس ورڈ
"""
# A key or a code is secret beside a word that says what it opens: `clé d'API`, `kod dostępu`.
_KEYS = """
    anahtar anahtarı avain chave chaves chiave chiavi cheie clau clave claves clef clé clés code
    codice código kod kode kulcs kľúč ključ klíč klucz nyckel nøgle nøkkel schlüssel sleutel κλειδί
    κωδικός ключ код מפתח キー 키
"""
_OPENED = """
    access acceso accesso accès acesso api dostępu prywatny privada privado private privata privaten
    privater privato privé privée přístupu soukromý wifi wlan доступа доступу закрытый приватный
    ιδιωτικό πρόσβασης
"""
# As a whole name they mean a password, beside another word something else: `clave primaria`.
_ALONE = "clave κωδικός losung parol parole sifra шифра"

# A sign of a name, behind its first letter: also marks that Python does not count among letters,
# and an apostrophe between letters.
SIGN = r"(?:[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0eff\u200c-]|['\u2019](?=[^\W\d]))"
_WITHOUT_STROKE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i"})


def folded(text: str) -> str:
    """Returns a text in lower case and without accents, vowel points and invisible signs."""
    if text.isascii():
        return text.casefold()
    signs = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in signs if unicodedata.category(sign) not in _LEFT_OUT)
    return unicodedata.normalize("NFC", kept).casefold().translate(_WITHOUT_STROKE)


_LEFT_OUT = ("Mn", "Mc", "Me", "Cf")

SECRETS = frozenset(folded(_SECRETS).split())
PHRASES = frozenset(tuple(phrase.split()) for phrase in folded(_PHRASES).split(","))
KEYS = frozenset(folded(_KEYS).split())
OPENED = frozenset(folded(_OPENED).split())
ALONE = frozenset(folded(_ALONE).split())
# What has no mark before it: `Datenbankpasswort`.
ENDS = ("kennwort", "losenord", "passord", "passwort", "salasana", "wachtwoord")
