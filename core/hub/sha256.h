#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace apiary::hub {

/// SHA-256 (FIPS 180-4) of bytes that arrive in parts.
class Sha256 {
public:
    Sha256();
    void update(std::span<const std::byte> bytes);
    void update(std::string_view bytes);
    /// The digest of all bytes so far, 64 lower-case hexadecimal digits. More may follow.
    std::string hex() const;

private:
    struct Release {
        void operator()(evp_md_ctx_st *context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Release> m_context;
};

/// The digest of a file's bytes. Throws InputError where it cannot be read, Cancelled on stop.
std::string sha256File(const std::filesystem::path &path, std::stop_token stop = {});

} // namespace apiary::hub
