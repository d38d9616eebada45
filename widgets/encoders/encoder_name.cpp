#include "widgets/encoders/encoder_name.h"

#include "store/project.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace apiary::widgets {

namespace {

namespace fs = std::filesystem;

QString tr(const char *text)
{
    return QCoreApplication::translate("EncoderName", text);
}

/// Without "." and a separator at the end.
fs::path tidy(const fs::path &folder)
{
    const fs::path path = folder.lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

QString last(const fs::path &folder)
{
    return QString::fromStdString(folder.filename().string());
}

bool isNumber(const std::string &text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Names that folders of encoders have by the program that saved them.
bool saysLittle(const QString &name)
{
    return name == QLatin1String("encoder") || name == QLatin1String("model");
}

QString withParent(const fs::path &folder, const QString &name)
{
    const QString parent = last(tidy(folder).parent_path());
    return parent.isEmpty() || name.startsWith(parent + u'/') ? name : parent + u'/' + name;
}

} // namespace

QString encoderName(const fs::path &folder, const QString &name)
{
    const fs::path path = tidy(folder);
    const QString own = last(path);
    const QString known = name.isEmpty() ? own : name;
    if (known != own || !saysLittle(own))
        return known; // it says more than the folder does
    const fs::path run = path.parent_path();
    const QString project = last(run.parent_path().parent_path());
    if (isNumber(run.filename().string()) && run.parent_path().filename() == "models" && !project.isEmpty())
        return tr("run %1 of %2").arg(last(run), project);
    return withParent(path, known);
}

QString startingEncoderName(const store::RunRecord &run)
{
    const QString known = QString::fromStdString(run.encoderName);
    if (!saysLittle(known))
        return known;
    const auto spec = nlohmann::json::parse(run.specJson, nullptr, false);
    if (!spec.is_object() || !spec.contains("encoder") || !spec["encoder"].is_object())
        return known;
    const auto folder = spec["encoder"].find("folder");
    if (folder == spec["encoder"].end() || !folder->is_string())
        return known;
    return encoderName(folder->get<std::string>(), known);
}

void tellEncodersApart(const std::vector<fs::path> &folders, std::vector<QString> &names)
{
    std::map<QString, int> seen;
    for (const QString &name : names)
        ++seen[name];
    for (std::size_t i = 0; i < names.size(); ++i)
        if (seen[names[i]] > 1 && !folders[i].empty())
            names[i] = withParent(folders[i], names[i]);
}

} // namespace apiary::widgets
