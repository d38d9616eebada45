#include "text/simple_normalizers.h"
#include "text/unicode.h"

#include "base/error.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

namespace apiary::text {

namespace {

/// The characters of the version behind the package's tables; ICU leaves all others alone.
const icu::UnicodeSet &knownCharacters()
{
    static const icu::UnicodeSet set = [] {
        icu::UnicodeSet made;
        char32_t first = 0;
        bool inside = false;
        for (char32_t c = 0; c <= 0x110000; ++c) {
            const bool isKnown = c < 0x110000 && unicode::isInNormalizationData(c);
            if (isKnown && !inside)
                first = c;
            else if (!isKnown && inside)
                made.add(static_cast<UChar32>(first), static_cast<UChar32>(c - 1));
            inside = isKnown;
        }
        made.freeze();
        return made;
    }();
    return set;
}

const icu::Normalizer2 *instanceOf(UnicodeForm::Form form, UErrorCode &error)
{
    switch (form) {
    case UnicodeForm::Form::Nfc:
        return icu::Normalizer2::getNFCInstance(error);
    case UnicodeForm::Form::Nfd:
        return icu::Normalizer2::getNFDInstance(error);
    case UnicodeForm::Form::Nfkc:
        return icu::Normalizer2::getNFKCInstance(error);
    case UnicodeForm::Form::Nfkd:
        return icu::Normalizer2::getNFKDInstance(error);
    }
    return nullptr;
}

void check(UErrorCode error)
{
    if (U_FAILURE(error))
        throw Error(std::string("ICU cannot normalize: ") + u_errorName(error), "tokenizer", "check ICU's data files");
}

bool isAscii(std::string_view text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80)
            return false;
    return true;
}

} // namespace

struct UnicodeForm::Data {
    explicit Data(const icu::Normalizer2 &all) : all(all), known(all, knownCharacters()) {}

    const icu::Normalizer2 &all;
    icu::FilteredNormalizer2 known;
};

UnicodeForm::UnicodeForm(Form form)
{
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2 *instance = instanceOf(form, error);
    check(error);
    m_data = std::make_unique<Data>(*instance);
}

UnicodeForm::~UnicodeForm() = default;

void UnicodeForm::normalize(std::string_view text, std::string &out) const
{
    if (isAscii(text)) {
        out += text;
        return;
    }
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    UErrorCode error = U_ZERO_ERROR;
    // What is normal for all characters is so for fewer; this question is the fast one.
    if (m_data->all.isNormalizedUTF8(piece, error) && U_SUCCESS(error)) {
        out += text;
        return;
    }
    error = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink(&out);
    m_data->known.normalizeUTF8(0, piece, sink, nullptr, error);
    check(error);
}

} // namespace apiary::text
