#include "cli/encoder_option.h"

#include "base/error.h"

namespace apiary::cli {

hub::KnownEncoder encoderOf(const std::string &text)
{
    hub::KnownEncoder encoder = hub::EncoderLibrary().find(text);
    std::error_code ignored;
    if (!std::filesystem::is_directory(encoder.folder, ignored))
        throw InputError("the folder of this encoder is gone", encoder.folder.string(),
                         "bring it back, or take it off the list: apiary-cli encoders remove \"" + encoder.name + "\"");
    return encoder;
}

std::vector<hub::KnownEncoder> encodersOf(const std::vector<std::string> &texts)
{
    std::vector<hub::KnownEncoder> encoders;
    for (const std::string &text : texts)
        encoders.push_back(encoderOf(text));
    return encoders;
}

} // namespace apiary::cli
