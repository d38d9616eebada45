#pragma once

#include <QObject>
#include <QString>

#include <filesystem>
#include <string>
#include <vector>

class QAction;

namespace apiary::widgets {

class ProjectSession;
class TaskRunner;

/// An encoder that Explore and Compare can take in beside the run's own.
struct EncoderOffer {
    std::string key; ///< "run:3" of this project, else "folder:/path"; behind "int8:" where it is approximate
    QString name;
    std::filesystem::path folder;
    qint64 run = 0;    ///< that tuned it; 0: none of this project's
    QString problem{}; ///< why it cannot be used; empty where nothing is known against it
    bool approximate = false;

    bool operator==(const EncoderOffer &) const = default;
};

/// The same encoder in approximate mode (int8): another key, and a name that says so.
EncoderOffer approximated(EncoderOffer offer);

/// What encoders there are: those that this project's runs tuned, and those of the encoder library. GUI thread; the
/// library is read in a task.
class EncoderOffers : public QObject {
    Q_OBJECT
public:
    explicit EncoderOffers(ProjectSession *session, QObject *parent = nullptr);

    /// Without the one that the run in view tuned itself: the newest runs first, then the library in its order, less what
    /// stands among the runs. Broken ones are listed with their problem.
    std::vector<EncoderOffer> list() const;
    /// The offer of a key, or what can be told of it where it is not on the list.
    EncoderOffer find(const std::string &key, const QString &name) const;
    void refresh(); ///< reads the library again; emits changed()
    /// Makes the action say what is wrong with the encoder, and refuses it unless it is in use (checked).
    static void mark(QAction *action, const EncoderOffer &offer);

    /// Lets the user choose a folder, see addFolder(). An empty key: cancelled, or refused.
    EncoderOffer askForFolder(QWidget *parent);
    /// Looks whether the folder's encoder can be opened, as the Encoders page does, and remembers it in the library. An
    /// empty key: it cannot; failed() says why.
    EncoderOffer addFolder(const std::filesystem::path &folder);

    /// The key of an encoder's folder: "run:3" where a run of this project made it.
    std::string keyOf(const std::filesystem::path &folder) const;
    /// Colour index (Theme::run()) of an encoder, the same on every page and in every session of the project.
    int colour(const EncoderOffer &offer);

Q_SIGNALS:
    void changed();
    void failed(const QString &text);

private:
    /// Whether a run of this project, not deleted, saved it.
    bool ofThisProject(const std::filesystem::path &folder) const;

    ProjectSession *m_session;
    TaskRunner *m_task;
    std::vector<EncoderOffer> m_library;
    std::vector<std::string> m_colours; ///< keys in the order in which they were first shown
};

} // namespace apiary::widgets
