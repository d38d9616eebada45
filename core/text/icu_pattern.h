#pragma once

#include "text/pattern.h"

struct URegularExpression;

namespace apiary::text {

/// A regular expression by ICU. The package's engine (Oniguruma) knows characters of a later Unicode version; before
/// matching each of those gives way to an older one of its category.
class IcuPattern final : public Pattern {
public:
    /// Throws InputError at `where`.
    IcuPattern(const std::string &regex, const std::string &where);
    ~IcuPattern() override;
    IcuPattern(const IcuPattern &) = delete;
    IcuPattern &operator=(const IcuPattern &) = delete;

    bool stretches(std::string_view text, StretchSink take) const override;

private:
    URegularExpression *m_regex = nullptr;
};

} // namespace apiary::text
