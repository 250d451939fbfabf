"""The members of the eight item types as attributes, for type checkers and editors.

`Item.__getattr__` reads them, by what `bw_magics.vault.types` says; a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bw_magics.secret import Secret


class Members:
    """The members of an item's type, beside those of every item: None if empty, `AttributeError`
    where the item's type has no such member.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # card
        cardholder_name: str | None
        cardholderName: str | None
        brand: str | None
        number: Secret | None
        exp_month: str | None
        expMonth: str | None
        exp_year: str | None
        expYear: str | None
        code: Secret | None
        # identity
        title: str | None
        first_name: str | None
        firstName: str | None
        middle_name: str | None
        middleName: str | None
        last_name: str | None
        lastName: str | None
        address1: str | None
        address2: str | None
        address3: str | None
        city: str | None
        state: str | None
        postal_code: str | None
        postalCode: str | None
        country: str | None
        company: str | None
        email: str | None
        phone: str | None
        ssn: Secret | None
        passport_number: Secret | None
        passportNumber: Secret | None
        license_number: Secret | None
        licenseNumber: Secret | None
        # sshKey
        private_key: Secret | None
        privateKey: Secret | None
        public_key: str | None
        publicKey: str | None
        key_fingerprint: str | None
        keyFingerprint: str | None
        # bankAccount
        bank_name: str | None
        bankName: str | None
        name_on_account: str | None
        nameOnAccount: str | None
        account_type: str | None
        accountType: str | None
        account_number: Secret | None
        accountNumber: Secret | None
        routing_number: Secret | None
        routingNumber: Secret | None
        branch_number: str | None
        branchNumber: str | None
        pin: Secret | None
        swift_code: str | None
        swiftCode: str | None
        iban: Secret | None
        bank_contact_phone: str | None
        bankContactPhone: str | None
        # driversLicense
        date_of_birth: str | None
        dateOfBirth: str | None
        issuing_country: str | None
        issuingCountry: str | None
        issuing_state: str | None
        issuingState: str | None
        issue_date: str | None
        issueDate: str | None
        issuing_authority: str | None
        issuingAuthority: str | None
        expiration_date: str | None
        expirationDate: str | None
        license_class: str | None
        licenseClass: str | None
        # passport
        surname: str | None
        given_name: str | None
        givenName: str | None
        sex: str | None
        birth_place: str | None
        birthPlace: str | None
        nationality: str | None
        passport_type: str | None
        passportType: str | None
        national_identification_number: Secret | None
        nationalIdentificationNumber: Secret | None
