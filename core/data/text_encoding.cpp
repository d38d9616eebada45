#include "data/text_encoding.h"

#include "base/error.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <unicode/ucnv.h>
#include <unicode/utf8.h>
#include <vector>

namespace apiary::data {

namespace {

constexpr std::size_t blockBytes = std::size_t{1} << 16;

class Continued : public ByteSource {
public:
    Continued(std::string start, std::unique_ptr<ByteSource> rest)
        : m_start(std::move(start))
        , m_rest(std::move(rest))
        , m_ahead(m_rest->consumed())
    {
    }

    std::size_t read(std::span<char> into) override
    {
        const std::size_t count = std::min(into.size(), m_start.size() - m_at);
        std::memcpy(into.data(), m_start.data() + m_at, count);
        m_at += count;
        if (m_at == m_start.size() && !m_start.empty()) {
            m_start = {};
            m_at = 0;
        }
        return count < into.size() ? count + m_rest->read(into.subspan(count)) : count;
    }
    std::int64_t consumed() const override
    {
        return m_start.empty() ? m_rest->consumed() : partOf(m_ahead, m_at, m_start.size());
    }

private:
    std::string m_start;
    std::size_t m_at = 0;
    std::unique_ptr<ByteSource> m_rest;
    std::int64_t m_ahead; ///< bytes of the file that the start was
};

struct Close {
    void operator()(UConverter *converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Close>;

Converter converter(const char *name)
{
    UErrorCode error = U_ZERO_ERROR;
    Converter result(ucnv_open(name, &error));
    if (U_FAILURE(error))
        throw Error(std::string("ICU has no converter for ") + name + ": " + u_errorName(error), "encoding",
                    "install ICU's data");
    return result;
}

/// Through ICU, by way of UTF-16.
class Converted : public ByteSource {
public:
    Converted(std::unique_ptr<ByteSource> source, const char *name, std::string where)
        : m_source(std::move(source))
        , m_where(std::move(where))
        , m_name(name)
        , m_from(converter(name))
        , m_to(converter("UTF-8"))
        , m_input(blockBytes)
        , m_pivot(blockBytes)
        , m_pivotSource(m_pivot.data())
        , m_pivotTarget(m_pivot.data())
    {
        UErrorCode error = U_ZERO_ERROR;
        ucnv_setToUCallBack(m_from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
        ucnv_setFromUCallBack(m_to.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
    }

    std::size_t read(std::span<char> into) override
    {
        std::size_t filled = 0;
        while (filled < into.size() && !m_done) {
            if (m_at == m_size && !m_ended) {
                m_size = m_source->read(m_input);
                m_at = 0;
                m_ended = m_size < m_input.size();
            }
            UErrorCode error = U_ZERO_ERROR;
            const char *from = m_input.data() + m_at;
            char *to = into.data() + filled;
            ucnv_convertEx(m_to.get(), m_from.get(), &to, into.data() + into.size(), &from, m_input.data() + m_size,
                           m_pivot.data(), &m_pivotSource, &m_pivotTarget, m_pivot.data() + m_pivot.size(), false,
                           m_ended, &error);
            const auto used = static_cast<std::size_t>(from - m_input.data()) - m_at;
            m_at += used;
            m_offset += static_cast<std::int64_t>(used);
            filled = static_cast<std::size_t>(to - into.data());
            if (error == U_BUFFER_OVERFLOW_ERROR)
                break;
            if (U_FAILURE(error))
                throw InputError(std::string("is no text in ") + m_name + " near byte " + std::to_string(m_offset),
                                 m_where, "name its encoding, or save it as UTF-8");
            m_done = m_ended && m_at == m_size;
        }
        return filled;
    }
    std::int64_t consumed() const override { return m_source->consumed(); }

private:
    std::unique_ptr<ByteSource> m_source;
    std::string m_where;
    const char *m_name;
    Converter m_from, m_to;
    std::vector<char> m_input;
    std::vector<UChar> m_pivot;
    UChar *m_pivotSource;
    UChar *m_pivotTarget;
    std::size_t m_at = 0, m_size = 0;
    std::int64_t m_offset = 0;
    bool m_ended = false, m_done = false;
};

constexpr std::string_view markUtf8 = "\xEF\xBB\xBF";
constexpr std::string_view markUtf16Le = "\xFF\xFE";
constexpr std::string_view markUtf16Be = "\xFE\xFF";

std::string_view markOf(Encoding encoding)
{
    if (encoding == Encoding::Utf8)
        return markUtf8;
    if (encoding == Encoding::Utf16Le)
        return markUtf16Le;
    return encoding == Encoding::Utf16Be ? markUtf16Be : std::string_view();
}

/// The share of zeros among the bytes at even or odd places.
double zeros(std::string_view text, std::size_t from)
{
    std::size_t count = 0, all = 0;
    for (std::size_t i = from; i < text.size(); i += 2, ++all)
        count += text[i] == '\0';
    return all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
}

/// Whether the bytes beyond ASCII are UTF-8, a damaged few among them. Texts in other encodings hold its sequences by
/// chance only. `whole`: a character cut at the end is a fault.
bool isMostlyUtf8(std::string_view text, bool whole)
{
    constexpr std::int64_t byFar = 3;
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(text.data());
    const auto size = static_cast<std::int64_t>(text.size());
    std::int64_t good = 0, bad = 0;
    for (std::int64_t at = 0; at < size;) {
        if (bytes[at] < 0x80) {
            ++at;
            continue;
        }
        UChar32 character = 0;
        U8_NEXT(bytes, at, size, character);
        if (character >= 0)
            ++good;
        else if (whole || at < size)
            ++bad;
    }
    return bad == 0 || good >= byFar * bad;
}

} // namespace

Encoding detectEncoding(std::string_view start, bool whole)
{
    for (const Encoding encoding : {Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be})
        if (start.starts_with(markOf(encoding)))
            return encoding;
    const std::string_view sample = start.substr(0, 4096);
    constexpr double mostly = 0.4, hardly = 0.05;
    if (sample.size() >= 4 && zeros(sample, 1) > mostly && zeros(sample, 0) < hardly)
        return Encoding::Utf16Le;
    if (sample.size() >= 4 && zeros(sample, 0) > mostly && zeros(sample, 1) < hardly)
        return Encoding::Utf16Be;
    return isMostlyUtf8(start, whole) ? Encoding::Utf8 : Encoding::Windows1252;
}

std::unique_ptr<ByteSource> withStart(std::string start, std::unique_ptr<ByteSource> rest)
{
    return std::make_unique<Continued>(std::move(start), std::move(rest));
}

std::unique_ptr<ByteSource> decoded(std::unique_ptr<ByteSource> source, Encoding encoding, std::string where)
{
    const std::string_view mark = markOf(encoding);
    std::string start(mark.size(), '\0');
    start.resize(source->read(start));
    if (start == mark)
        start.clear();
    source = withStart(std::move(start), std::move(source));
    switch (encoding) {
    case Encoding::Utf16Le:
        return std::make_unique<Converted>(std::move(source), "UTF-16LE", std::move(where));
    case Encoding::Utf16Be:
        return std::make_unique<Converted>(std::move(source), "UTF-16BE", std::move(where));
    case Encoding::Windows1252:
        return std::make_unique<Converted>(std::move(source), "windows-1252", std::move(where));
    case Encoding::Latin1:
        return std::make_unique<Converted>(std::move(source), "ISO-8859-1", std::move(where));
    case Encoding::Auto:
    case Encoding::Utf8:
        break;
    }
    return source;
}

} // namespace apiary::data
