#include "widgets/explore/encoder_offers.h"

#include "hub/library.h"
#include "run/encoder_check.h"
#include "widgets/encoders/encoder_name.h"
#include "widgets/explore/explore_column.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"

#include <QAction>
#include <QFileDialog>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr auto colourSetting = "encoders.colours";

std::string folderKey(const std::filesystem::path &folder)
{
    return "folder:" + folder.lexically_normal().string();
}

QString nameOf(const store::RunRecord &run)
{
    const QString name = run.name.empty() ? startingEncoderName(run) : QString::fromStdString(run.name);
    return EncoderOffers::tr("run %1 · %2").arg(run.id).arg(name);
}

/// What is in the library, with what is wrong with it; heads of files are read.
std::vector<EncoderOffer> libraryOffers(std::stop_token stop)
{
    std::vector<EncoderOffer> offers;
    std::vector<std::filesystem::path> folders;
    std::vector<QString> names;
    for (const auto &known : hub::EncoderLibrary().list()) {
        if (stop.stop_requested())
            break;
        const QString problem = QString::fromStdString(run::encoderCard(known.folder).error);
        offers.push_back({folderKey(known.folder), {}, known.folder, 0, problem});
        folders.push_back(known.folder);
        names.push_back(encoderName(known.folder, QString::fromStdString(known.name)));
    }
    tellEncodersApart(folders, names);
    for (std::size_t i = 0; i < offers.size(); ++i)
        offers[i].name = names[i];
    return offers;
}

std::vector<std::string> storedColours(const store::Project &project)
{
    std::vector<std::string> keys;
    const auto json = nlohmann::json::parse(project.setting(colourSetting), nullptr, false);
    if (json.is_array())
        for (const auto &key : json)
            keys.push_back(key.is_string() ? key.get<std::string>() : std::string());
    return keys;
}

} // namespace

EncoderOffer approximated(EncoderOffer offer)
{
    offer.key = approximatePrefix + offer.key;
    offer.name = EncoderOffers::tr("%1 ≈ int8").arg(offer.name);
    offer.run = 0; // a colour of its own
    offer.approximate = true;
    return offer;
}

EncoderOffers::EncoderOffers(ProjectSession *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_task(new TaskRunner(this))
{
}

bool EncoderOffers::ofThisProject(const std::filesystem::path &folder) const
{
    const std::string key = keyOf(folder);
    return key.starts_with("run:") && m_session->find(QString::fromStdString(key.substr(4)).toLongLong());
}

std::vector<EncoderOffer> EncoderOffers::list() const
{
    std::vector<EncoderOffer> offers;
    for (const auto &run : m_session->runs()) {
        std::error_code ignored;
        if (run.id != m_session->currentRun() && !run.folder.empty() &&
            std::filesystem::is_directory(run.folder / "encoder", ignored))
            offers.push_back({"run:" + std::to_string(run.id), nameOf(run), run.folder / "encoder", run.id, {}});
    }
    for (const auto &offer : m_library)
        if (!ofThisProject(offer.folder))
            offers.push_back(offer);
    return offers;
}

EncoderOffer EncoderOffers::find(const std::string &key, const QString &name) const
{
    if (key.starts_with(approximatePrefix))
        return approximated(find(key.substr(std::string_view(approximatePrefix).size()), {}));
    for (const auto &offer : list())
        if (offer.key == key)
            return offer;
    EncoderOffer offer{key, name, {}, 0, {}};
    if (key.starts_with("folder:"))
        offer.folder = key.substr(7);
    if (key.starts_with("run:")) {
        offer.run = QString::fromStdString(key.substr(4)).toLongLong();
        if (const auto *run = m_session->find(offer.run); run && !run->folder.empty())
            offer.folder = run->folder / "encoder";
    }
    offer.name = encoderName(offer.folder, offer.name);
    return offer;
}

void EncoderOffers::refresh()
{
    m_task->run([](std::stop_token stop, const ProgressFn &) { return libraryOffers(stop); },
                [this](std::vector<EncoderOffer> offers) {
                    m_library = std::move(offers);
                    Q_EMIT changed();
                },
                [this](const QString &text) { Q_EMIT failed(text); });
}

void EncoderOffers::mark(QAction *action, const EncoderOffer &offer)
{
    if (offer.problem.isEmpty()) {
        action->setToolTip(QString::fromStdString(offer.folder.string()));
        return;
    }
    action->setText(tr("%1 (broken)").arg(action->text()));
    action->setToolTip(offer.problem);
    action->setEnabled(action->isEnabled() && action->isChecked());
}

EncoderOffer EncoderOffers::askForFolder(QWidget *parent)
{
    const QString chosen = QFileDialog::getExistingDirectory(parent, tr("Choose an encoder folder"));
    return chosen.isEmpty() ? EncoderOffer{} : addFolder(chosen.toStdString());
}

EncoderOffer EncoderOffers::addFolder(const std::filesystem::path &folder)
{
    bool sound = false;
    try {
        if (hub::looksLikeEncoder(folder)) // else the library says what is missing
            run::checkEncoder(folder, run::CheckDepth::Files);
        sound = hub::looksLikeEncoder(folder);
        hub::EncoderLibrary().addFolder(folder);
    } catch (const std::exception &error) {
        if (!sound) {
            Q_EMIT failed(describe(error));
            return {};
        }
        // It cannot be remembered, but it can be shown.
    }
    refresh();
    return {folderKey(folder), encoderName(folder), folder, 0, {}};
}

std::string EncoderOffers::keyOf(const std::filesystem::path &folder) const
{
    const auto inside = folder.lexically_relative(m_session->folder() / "models");
    const std::string run = inside.begin() == inside.end() ? std::string() : inside.begin()->string();
    const bool number =
        !run.empty() && std::all_of(run.begin(), run.end(), [](char c) { return c >= '0' && c <= '9'; });
    return number ? "run:" + run : folderKey(folder);
}

int EncoderOffers::colour(const EncoderOffer &offer)
{
    if (offer.run != 0)
        return m_session->colourIndex(offer.run);
    if (m_session->isOpen())
        m_colours = storedColours(m_session->project());
    const auto known = std::find(m_colours.begin(), m_colours.end(), offer.key);
    const auto place = known - m_colours.begin();
    if (known == m_colours.end()) {
        m_colours.push_back(offer.key);
        try {
            if (m_session->isOpen() && !m_session->readOnly())
                m_session->project().setSetting(colourSetting, nlohmann::json(m_colours).dump());
        } catch (const std::exception &) {
            // Another colour next time is all that is lost.
        }
    }
    return static_cast<int>(place);
}

} // namespace apiary::widgets
