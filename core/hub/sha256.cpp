#include "hub/sha256.h"

#include "base/cancel.h"
#include "base/error.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <openssl/evp.h>
#include <system_error>
#include <vector>

namespace apiary::hub {

namespace {

void require(int result)
{
    if (result != 1)
        throw Error("the cryptography library refused SHA-256", "", "check that OpenSSL is installed completely");
}

std::string hexadecimal(std::span<const unsigned char> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

} // namespace

void Sha256::Release::operator()(evp_md_ctx_st *context) const
{
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : m_context(EVP_MD_CTX_new())
{
    if (!m_context)
        throw std::bad_alloc();
    require(EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr));
}

void Sha256::update(std::span<const std::byte> bytes)
{
    if (!bytes.empty())
        require(EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()));
}

void Sha256::update(std::string_view bytes)
{
    update(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

std::string Sha256::hex() const
{
    const std::unique_ptr<evp_md_ctx_st, Release> copy(EVP_MD_CTX_new());
    if (!copy)
        throw std::bad_alloc();
    require(EVP_MD_CTX_copy_ex(copy.get(), m_context.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(copy.get(), digest.data(), &size));
    return hexadecimal(std::span(digest).first(size));
}

std::string sha256File(const std::filesystem::path &path, std::stop_token stop)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw InputError("is a folder, not a file", path.string(), "name a file");
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw InputError("cannot be read: " + std::generic_category().message(errno), path.string(),
                         "check the path and its permissions");
    Sha256 hash;
    std::vector<char> block(std::size_t{1} << 20);
    while (file) {
        throwIfStopped(stop);
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        hash.update(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
    }
    if (file.bad())
        throw InputError("could not be read to its end", path.string(), "check the disk it is on");
    return hash.hex();
}

} // namespace apiary::hub
