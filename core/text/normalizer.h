#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::text {

/// The first stage of a tokenizer: text → text. Immutable and safe to share between threads.
class Normalizer {
public:
    virtual ~Normalizer() = default;

    /// Appends the normal form of `text`, which is well-formed UTF-8, to `out`.
    virtual void normalize(std::string_view text, std::string &out) const = 0;
    /// Where in `text` that came from which stands at `position` of its normal form. By characters: each is taken to
    /// become what it becomes alone. Slow; asked for the start of a text only.
    virtual std::size_t origin(std::string_view text, std::size_t position) const;
};

/// One after the other.
class NormalizerSequence final : public Normalizer {
public:
    explicit NormalizerSequence(std::vector<std::unique_ptr<const Normalizer>> stages) : m_stages(std::move(stages)) {}

    void normalize(std::string_view text, std::string &out) const override;
    std::size_t origin(std::string_view text, std::size_t position) const override;

private:
    std::size_t originFrom(std::size_t stage, std::string_view text, std::size_t position) const;

    std::vector<std::unique_ptr<const Normalizer>> m_stages;
};

} // namespace apiary::text
