#include "widgets/encoders/encoder_name.h"

#include "run/encoder_label.h"

namespace apiary::widgets {

QString encoderName(const std::filesystem::path &folder, const QString &name)
{
    return QString::fromStdString(run::encoderLabel(folder, name.toStdString()));
}

QString startingEncoderName(const store::RunRecord &run)
{
    return QString::fromStdString(run::startingEncoderLabel(run));
}

void tellEncodersApart(const std::vector<std::filesystem::path> &folders, std::vector<QString> &names)
{
    std::vector<std::string> plain;
    for (const QString &name : names)
        plain.push_back(name.toStdString());
    run::tellEncodersApart(folders, plain);
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = QString::fromStdString(plain[i]);
}

} // namespace apiary::widgets
