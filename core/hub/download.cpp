#include "hub/download.h"

#include "base/cancel.h"
#include "base/error.h"
#include "hub/durable.h"
#include "hub/part_file.h"
#include "hub/sha256.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <openssl/evp.h>
#include <optional>
#include <vector>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

bool hexadecimal(std::string_view text, std::size_t digits)
{
    return text.size() == digits && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// An ETag without its quotes and its mark of weakness.
std::string_view bareTag(std::string_view tag)
{
    if (tag.starts_with("W/"))
        tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
        tag = tag.substr(1, tag.size() - 2);
    return tag;
}

struct ContentRange {
    std::int64_t from = -1;
    std::int64_t total = -1;
};

ContentRange contentRange(const std::string &header)
{
    long long from = -1;
    long long to = -1;
    long long total = -1;
    if (std::sscanf(header.c_str(), "bytes %lld-%lld/%lld", &from, &to, &total) >= 2)
        return {from, total};
    return {};
}

/// What a file must be. Empty and -1: not known.
struct Expected {
    std::int64_t size = -1;
    std::string sha256;
    std::string gitBlob;

    bool hash() const { return !sha256.empty() || !gitBlob.empty(); }
};

std::string lowered(std::string text)
{
    for (char &c : text)
        c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// Empty where the file is as expected, else what is wrong with it.
std::string fault(const fs::path &file, const Expected &expected, const std::stop_token &stop)
{
    std::error_code code;
    const auto size = static_cast<std::int64_t>(fs::file_size(file, code));
    if (code)
        return "is not there";
    if (expected.size >= 0 && size != expected.size)
        return "has " + std::to_string(size) + " bytes where " + std::to_string(expected.size) + " belong";
    if (!expected.sha256.empty()) {
        const std::string found = sha256File(file, stop);
        if (found != lowered(expected.sha256))
            return "has the sha256 " + found + " where " + lowered(expected.sha256) + " belongs";
    } else if (!expected.gitBlob.empty()) {
        const std::string found = gitBlobId(file, stop);
        if (found != lowered(expected.gitBlob))
            return "has the git id " + found + " where " + lowered(expected.gitBlob) + " belongs";
    }
    return {};
}

class Fetch {
public:
    Fetch(const Download &what, const Network &network, ByteMeter *meter, std::stop_token stop)
        : m_what(what)
        , m_network(network)
        , m_meter(meter)
        , m_stop(std::move(stop))
        , m_part(what.file)
        , m_expected{what.size, what.sha256, what.gitBlob}
    {
        m_hashKnown = m_expected.hash();
        const bool same = m_part.url == what.url && !(m_part.etag.empty() && m_part.modified.empty());
        if (m_part.size() > 0 && !same && !m_hashKnown)
            m_part.clear(); // nothing says what these bytes belong to
        m_resumed = m_part.size() > 0;
    }

    void run()
    {
        for (bool again = true; again;) {
            receiveAll();
            again = false;
            const std::string wrong = check();
            if (wrong.empty())
                break;
            if (!m_resumed) {
                m_part.remove();
                throw Error("what arrived " + wrong, shownUrl(m_what.url),
                            "try again; if it stays so, the server or a proxy sends another file");
            }
            m_part.clear(); // bytes of an earlier attempt may be what spoils it
            m_resumed = false;
            again = true;
        }
        const std::int64_t size = m_part.size();
        m_part.publish(m_what.file);
        if (m_meter)
            m_meter->nextFile(size);
    }

private:
    /// Reading a large file once more takes a while, which is said.
    std::string check()
    {
        constexpr std::int64_t large = std::int64_t{64} << 20;
        std::string stage;
        if (m_meter && m_part.size() > large && m_expected.hash())
            stage = m_meter->setStage("checking " + m_what.file.filename().string());
        std::string wrong = fault(m_part.path(), m_expected, m_stop);
        if (!stage.empty())
            m_meter->setStage(stage);
        return wrong;
    }

    enum class Outcome { Complete, Retry, Restart };

    void receiveAll()
    {
        int restarts = 0;
        int failures = 0;
        for (;;) {
            throwIfStopped(m_stop);
            if (m_expected.size >= 0 && m_part.size() > m_expected.size)
                m_part.clear();
            if (m_expected.size > 0 && m_part.size() == m_expected.size)
                return;
            const std::int64_t before = m_part.size();
            m_failure = {};
            m_answer.reset();
            const Outcome outcome = attempt();
            if (outcome == Outcome::Complete)
                return;
            if (outcome == Outcome::Restart) {
                m_part.clear();
                m_resumed = false;
                if (++restarts > 3)
                    throw Error("the file changes while it is fetched", shownUrl(m_what.url), "try again later");
                continue;
            }
            failures = m_part.size() - before >= m_network.enoughBytes ? 1 : failures + 1;
            if (failures > m_network.retries)
                giveUp(failures);
            if (m_meter)
                m_meter->at(m_part.size(), 0);
            pauseBeforeRetry(failures, m_network, m_answer ? &*m_answer : nullptr, m_stop);
        }
    }

    [[noreturn]] void giveUp(int failures) const
    {
        if (m_answer)
            throwAnswer(*m_answer, m_what.url);
        if (m_failure.kind != TransferFailure::Kind::Broken)
            throwFailure(m_failure, m_what.url);
        const std::string kept = sizeText(m_part.size()) +
                                 (m_expected.size >= 0 ? " of " + sizeText(m_expected.size) : std::string()) +
                                 " have arrived and are kept";
        const std::string often = failures < 2 ? std::string()
                                               : " " + std::to_string(failures) + " times in a row, after less than " +
                                                     sizeText(m_network.enoughBytes) + " each";
        throw Error("the transfer broke off" + often + ": " + m_failure.text, shownUrl(m_what.url),
                    "try again later: " + kept);
    }

    Outcome attempt()
    {
        const std::int64_t from = m_part.size();
        std::vector<std::string> headers{"Accept-Encoding: identity"};
        if (from > 0) {
            headers.push_back("Range: bytes=" + std::to_string(from) + "-");
            // Where the hash is known it decides, and copies of the file on other servers will do, whatever their marks.
            if (!m_hashKnown && !m_part.etag.empty() && !m_part.etag.starts_with("W/"))
                headers.push_back("If-Range: " + m_part.etag);
            else if (!m_hashKnown && m_part.etag.empty() && !m_part.modified.empty())
                headers.push_back("If-Range: " + m_part.modified);
        }
        bool restart = false;
        std::int64_t total = -1;
        Receiver receiver;
        receiver.begin = [&](const Answer &answer) { return begin(answer, from, total, restart); };
        receiver.bytes = [&](std::string_view bytes) {
            m_part.append(bytes);
            if (m_expected.size >= 0 && m_part.size() > m_expected.size)
                wrongSize("more than");
            if (m_meter)
                m_meter->at(m_part.size(), static_cast<std::int64_t>(bytes.size()));
            return true;
        };
        try {
            const Answer answer = get(m_what.url, m_network, headers, receiver, m_stop);
            if (restart)
                return Outcome::Restart;
            if (answer.status == 416 && from > 0)
                return Outcome::Restart;
            if (answer.status < 200 || answer.status >= 300) {
                if (!worthRetrying(answer))
                    throwAnswer(answer, m_what.url);
                m_answer = answer;
                return Outcome::Retry;
            }
        } catch (const TransferFailure &failure) {
            const bool hopeful = failure.kind == TransferFailure::Kind::Broken ||
                                 (failure.kind == TransferFailure::Kind::NoNetwork && m_reached);
            if (!hopeful)
                throwFailure(failure, m_what.url);
            m_failure = failure;
            return Outcome::Retry;
        }
        if (total >= 0 && m_part.size() < total) {
            m_failure.text = "the server ended it after " + std::to_string(m_part.size()) + " of " +
                             std::to_string(total) + " bytes";
            return Outcome::Retry;
        }
        return Outcome::Complete;
    }

    /// Looks at the head of a success: whether it goes on where the part ends, and whether there is room for the rest.
    bool begin(const Answer &answer, std::int64_t from, std::int64_t &total, bool &restart)
    {
        m_reached = true;
        const std::string etag = answer.header("etag");
        if (answer.status == 206) {
            const ContentRange range = contentRange(answer.header("content-range"));
            total = range.total;
            const bool changed =
                !m_hashKnown && !m_part.etag.empty() && !etag.empty() && bareTag(etag) != bareTag(m_part.etag);
            if (range.from != from || changed) {
                restart = true;
                return false;
            }
        } else {
            if (from > 0)
                m_part.clear(); // the whole file: the range was ignored, or the file has changed
            m_resumed = false;
            total = answer.length;
            m_part.url = m_what.url;
            m_part.etag = etag;
            m_part.modified = answer.header("last-modified");
            m_part.note();
        }
        if (m_expected.size < 0)
            m_expected.size = total;
        if (total >= 0 && total != m_expected.size)
            wrongSize(std::to_string(total) + " where");
        learnHash(answer.linkedEtag.empty() ? etag : answer.linkedEtag, !answer.linkedEtag.empty());
        if (total >= 0)
            requireSpace(m_what.file.parent_path(), total - m_part.size());
        return true;
    }

    /// The hub's ETag is the hash of the content, for large files and small ones. Elsewhere an ETag may be anything: only
    /// sha256-like ones are believed, since hardly anything else has 64 digits.
    void learnHash(const std::string &tag, bool linked)
    {
        const std::string_view bare = bareTag(tag);
        if (m_expected.hash())
            return;
        if (hexadecimal(bare, 64))
            m_expected.sha256 = bare;
        else if (linked && hexadecimal(bare, 40))
            m_expected.gitBlob = bare;
    }

    [[noreturn]] void wrongSize(const std::string &found)
    {
        m_part.remove();
        throw Error("the server sends " + found + " the expected " + std::to_string(m_expected.size) + " bytes",
                    shownUrl(m_what.url), "try again; if it stays so, the server or a proxy sends another file");
    }

    const Download &m_what;
    const Network &m_network;
    ByteMeter *m_meter;
    std::stop_token m_stop;
    PartFile m_part;
    Expected m_expected;
    TransferFailure m_failure;
    std::optional<Answer> m_answer;
    bool m_hashKnown = false; ///< before the server says one
    bool m_resumed = false;
    bool m_reached = false; ///< the server has answered once: a network that goes away may come back
};

} // namespace

std::string gitBlobId(const fs::path &file, std::stop_token stop)
{
    std::error_code code;
    const auto size = fs::file_size(file, code);
    std::ifstream stream(file, std::ios::binary);
    if (code || !stream)
        throw InputError("cannot be read", file.string(), "check the path and its permissions");
    struct Release {
        void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    };
    const std::unique_ptr<EVP_MD_CTX, Release> context(EVP_MD_CTX_new());
    const auto require = [](bool fine) {
        if (!fine)
            throw Error("the cryptography library refused SHA-1", "", "check that OpenSSL is installed completely");
    };
    require(context && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1);
    const std::string head = "blob " + std::to_string(size);
    require(EVP_DigestUpdate(context.get(), head.c_str(), head.size() + 1) == 1);
    std::vector<char> block(std::size_t{1} << 20);
    while (stream) {
        throwIfStopped(stop);
        stream.read(block.data(), static_cast<std::streamsize>(block.size()));
        require(EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(stream.gcount())) == 1);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1);
    std::string id;
    for (unsigned int i = 0; i < length; ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", digest[i]);
        id += digits;
    }
    return id;
}

void download(const Download &what, const Network &network, ByteMeter *meter, std::stop_token stop)
{
    throwIfStopped(stop);
    const Expected expected{what.size, what.sha256, what.gitBlob};
    if ((expected.hash() || expected.size >= 0) && fault(what.file, expected, stop).empty()) {
        std::error_code ignored;
        if (meter)
            meter->nextFile(static_cast<std::int64_t>(fs::file_size(what.file, ignored)));
        return;
    }
    Fetch(what, network, meter, std::move(stop)).run();
}

} // namespace apiary::hub
