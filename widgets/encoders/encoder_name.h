#pragma once

#include <QString>

#include <filesystem>
#include <vector>

namespace apiary::store {
struct RunRecord;
}

namespace apiary::widgets {

/// run::encoderLabel(), run::startingEncoderLabel() and run::tellEncodersApart() for the window.
QString encoderName(const std::filesystem::path &folder, const QString &name = {});
QString startingEncoderName(const store::RunRecord &run);
void tellEncodersApart(const std::vector<std::filesystem::path> &folders, std::vector<QString> &names);

} // namespace apiary::widgets
