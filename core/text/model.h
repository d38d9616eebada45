#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace apiary::text {

/// The third stage of a tokenizer: a word → ids. Immutable and safe to share between threads.
class Model {
public:
    virtual ~Model() = default;

    /// Appends the ids of a word, well-formed UTF-8 and not empty.
    virtual void tokenize(std::string_view word, std::vector<std::int32_t> &ids) const = 0;
    /// The id of a token as the vocabulary writes it, -1 where there is none.
    virtual std::int32_t idOf(std::string_view token) const = 0;
    /// The largest id.
    virtual std::int32_t maxId() const = 0;
};

} // namespace apiary::text
