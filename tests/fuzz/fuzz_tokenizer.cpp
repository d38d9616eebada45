/// Tokenizer files and texts. An input is: a byte that chooses the kind of file, the file, a text, and a byte with the
/// text's length. The file is loaded and tokenizes the text and some more; whatever is not an error that names file and
/// field is a finding.
#include "base/error.h"
#include "place.h"
#include "text/tokenizer.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace apiary;

namespace {

void write(const char *name, std::string_view content)
{
    std::ofstream(fuzz::place() / name, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
}

void writeFiles(unsigned kind, std::string_view content)
{
    for (const char *name : {"tokenizer.json", "sentencepiece.bpe.model", "vocab.txt", "vocab.json", "merges.txt",
                             "tokenizer_config.json"})
        std::filesystem::remove(fuzz::place() / name);
    // Two files in one: the second starts behind the first zero byte.
    const std::size_t middle = std::min(content.find('\0'), content.size());
    const std::string_view first = content.substr(0, middle);
    const std::string_view second = content.substr(std::min(middle + 1, content.size()));
    switch (kind % 5) {
    case 0:
        write("tokenizer.json", content);
        break;
    case 1:
        write("sentencepiece.bpe.model", content);
        break;
    case 2:
        write("vocab.txt", content);
        break;
    case 3:
        write("vocab.json", first);
        write("merges.txt", second);
        break;
    default:
        write("vocab.txt", first);
        write("tokenizer_config.json", second);
        break;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    std::string_view content = input.substr(1, size - 2);
    const std::size_t length = std::min<std::size_t>(data[size - 1], content.size());
    const std::string text(content.substr(content.size() - length));
    content.remove_suffix(length);
    try {
        writeFiles(data[0], content);
        const auto tokenizer = apiary::text::loadTokenizer(fuzz::place());
        const std::array<std::string, 4> texts = {text,
                                                  " Hello w\u00F6rld, it's 12345!\r\n  \u4E2D\u6587 e\u0301\uFB01",
                                                  text + text + " " + text, std::string(40, 'a') + "\xFF\u0130"};
        const std::int64_t least = tokenizer->specialTokenCount();
        for (const std::int64_t most : {std::int64_t{1000000}, least, least + 3}) {
            const auto batch = tokenizer->encodeAll(texts, most, 1);
            for (const std::int32_t id : batch.ids)
                if (id < 0 || id >= tokenizer->vocabularySize())
                    std::abort();
            for (std::int64_t i = 0; i < batch.size(); ++i)
                if (batch.length(i) > most)
                    std::abort();
        }
    } catch (const apiary::Error &error) {
        if (error.where().empty() || error.remedy().empty())
            std::abort();
    }
    return 0;
}
