#pragma once

#include "text/function_ref.h"

#include <memory>
#include <string_view>
#include <vector>

namespace apiary::text {

/// Takes a word, a view that counts during the call only; `atStart`: it begins where the whole text began. Returns
/// false once nothing more is wanted.
using WordSink = FunctionRef<bool(std::string_view word, bool atStart)>;

/// The second stage of a tokenizer: normal text → words. Immutable and safe to share between threads.
class PreTokenizer {
public:
    virtual ~PreTokenizer() = default;

    /// Hands on the words of `text`, well-formed UTF-8, in order; none is empty. They are made as they are taken, so
    /// that what truncation cuts off is not looked at where that can be. Returns false as soon as `take` did.
    virtual bool split(std::string_view text, bool atStart, WordSink take) const = 0;
    /// Whether `atStart` matters, which costs to find out.
    virtual bool asksForStart() const { return false; }
};

/// One after the other: each splits the words of the one before.
class PreTokenizerSequence final : public PreTokenizer {
public:
    explicit PreTokenizerSequence(std::vector<std::unique_ptr<const PreTokenizer>> stages) : m_stages(std::move(stages))
    {
    }

    bool split(std::string_view text, bool atStart, WordSink take) const override
    {
        return splitFrom(0, text, atStart, take);
    }
    bool asksForStart() const override;

private:
    bool splitFrom(std::size_t stage, std::string_view text, bool atStart, WordSink take) const;

    std::vector<std::unique_ptr<const PreTokenizer>> m_stages;
};

} // namespace apiary::text
