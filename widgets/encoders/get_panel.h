#pragma once

#include "hub/hub_client.h"
#include "hub/library.h"
#include "hub/packaged.h"

#include <QFrame>
#include <QStringList>
#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace apiary::widgets {

class MessageBar;
class TaskRunner;

/// Where encoders come from: the packaged ones by a click, any other from a hub by name.
class GetPanel : public QFrame {
    Q_OBJECT
public:
    explicit GetPanel(QWidget *parent = nullptr);

    void setSettings(const hub::Settings &settings);
    /// Names of what is installed already: no button to install it again.
    void setInstalled(const QStringList &names);
    /// While something is fetched nothing else can be.
    void setBusy(bool busy);
    /// Asks the hub about the name that stands in the field.
    void lookUp();
    MessageBar *messages() const { return m_messages; }

Q_SIGNALS:
    void installRequested(const QString &name);
    void downloadRequested(const apiary::hub::Hub &hub, const apiary::hub::HubRepository &repository);
    void closed();

private:
    struct Packaged {
        QString name;
        QPushButton *button;
        QLabel *done;
    };
    QWidget *makePackaged(const hub::PackagedEncoder &encoder);
    QWidget *makeHub();
    void forget(); ///< what was looked up
    void update();

    TaskRunner *m_asking;
    hub::Settings m_settings;
    QStringList m_installed;
    std::vector<Packaged> m_packaged;
    MessageBar *m_messages;
    QLineEdit *m_name = nullptr;
    QLineEdit *m_revision = nullptr;
    QLineEdit *m_base = nullptr;
    QPushButton *m_ask = nullptr;
    QLabel *m_found = nullptr;
    QPushButton *m_download = nullptr;
    hub::Hub m_hub;
    hub::HubRepository m_repository; ///< without files: none looked up
    bool m_busy = false;
};

} // namespace apiary::widgets
