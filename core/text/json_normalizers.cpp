#include "text/byte_level.h"
#include "text/json_readers.h"
#include "text/precompiled.h"
#include "text/simple_normalizers.h"

namespace apiary::text {

namespace {

using Made = std::unique_ptr<const Normalizer>;

Made makeBert(const JsonField &field, const TokenizerConfig &config)
{
    return std::make_unique<BertNormalizer>(bertOptions(field, config));
}

Made makeSequence(const JsonField &field, const TokenizerConfig &)
{
    const JsonField list = field.at("normalizers");
    std::vector<Made> stages;
    for (std::size_t i = 0; i < list.size(); ++i)
        stages.push_back(readNormalizer(list.at(i), {})); // tokenizer_config.json overrules the outermost only
    return std::make_unique<NormalizerSequence>(std::move(stages));
}

Made makePrecompiled(const JsonField &field, const TokenizerConfig &)
{
    const JsonField charsmap = field.at("precompiled_charsmap");
    return std::make_unique<Precompiled>(decodeBase64(charsmap), charsmap.where());
}

Made makeStrip(const JsonField &field, const TokenizerConfig &)
{
    return std::make_unique<Strip>(field.booleanOr("strip_left", true), field.booleanOr("strip_right", true));
}

Made makeReplace(const JsonField &field, const TokenizerConfig &)
{
    return std::make_unique<Replace>(readPattern(field.at("pattern")), field.at("content").string());
}

Made makePrepend(const JsonField &field, const TokenizerConfig &)
{
    return std::make_unique<Prepend>(field.at("prepend").string());
}

template <UnicodeForm::Form form>
Made makeForm(const JsonField &, const TokenizerConfig &)
{
    return std::make_unique<UnicodeForm>(form);
}

template <Made (*make)()>
Made makePlain(const JsonField &, const TokenizerConfig &)
{
    return make();
}

Made makeByteLevel()
{
    return std::make_unique<ByteLevelNormalizer>();
}

constexpr Maker<Made(const JsonField &, const TokenizerConfig &)> makers[] = {
    {"BertNormalizer", makeBert},
    {"ByteLevel", makePlain<makeByteLevel>},
    {"Lowercase", makePlain<makeLowercase>},
    {"NFC", makeForm<UnicodeForm::Form::Nfc>},
    {"NFD", makeForm<UnicodeForm::Form::Nfd>},
    {"NFKC", makeForm<UnicodeForm::Form::Nfkc>},
    {"NFKD", makeForm<UnicodeForm::Form::Nfkd>},
    {"Nmt", makePlain<makeNmt>},
    {"Precompiled", makePrecompiled},
    {"Prepend", makePrepend},
    {"Replace", makeReplace},
    {"Sequence", makeSequence},
    {"Strip", makeStrip},
    {"StripAccents", makePlain<makeStripAccents>},
};

} // namespace

std::unique_ptr<const Normalizer> readNormalizer(const JsonField &field, const TokenizerConfig &config)
{
    return makeByType(makers, "normalizer", field, config);
}

} // namespace apiary::text
