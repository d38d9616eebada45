#include "widgets/data/file_row.h"

#include "data/preview.h"
#include "widgets/data/parts.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

constexpr int afterTypingMs = 350;
constexpr auto lastFolder = "data/folder";

/// The file on disk that a path lies in or is: "a.zip/b.csv" is in a.zip.
std::filesystem::path onDisk(const std::filesystem::path &path)
{
    std::error_code ignored;
    for (std::filesystem::path at = path; !at.empty() && at != at.parent_path(); at = at.parent_path())
        if (std::filesystem::is_regular_file(at, ignored))
            return at;
    return path;
}

} // namespace

FileRow::FileRow(const QString &name, const QString &hint, QWidget *parent)
    : QWidget(parent)
    , m_name(name)
    , m_looking(new TaskRunner(this))
    , m_typed(new Debounce(
          afterTypingMs, [this] { look(); }, this))
    , m_path(new QLineEdit)
    , m_browse(new QPushButton(tr("Browse…")))
    , m_tables(new QComboBox)
    , m_status(mutedLabel())
{
    setAcceptDrops(true);
    m_path->setAccessibleName(tr("Path of the file: %1").arg(name));
    m_path->setPlaceholderText(hint);
    m_path->setClearButtonEnabled(true);
    m_path->setAcceptDrops(false); // the row takes drops
    m_browse->setAccessibleName(tr("Browse for the file: %1").arg(name));
    m_browse->setAutoDefault(true); // Return presses it
    m_tables->setAccessibleName(tr("Table in the archive: %1").arg(name));
    m_tables->setToolTip(tr("Which table in the archive"));
    m_tables->hide();
    m_status->setFont(Theme::instance().smallFont());
    m_status->setAccessibleName(tr("What was found: %1").arg(name));
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto *row = new QHBoxLayout;
    row->setSpacing(space::group);
    row->addWidget(m_path, 1);
    row->addWidget(m_browse);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);
    layout->addLayout(row);
    layout->addWidget(m_tables);
    layout->addWidget(m_status);
    setFocusProxy(m_path);
    connect(m_path, &QLineEdit::textEdited, m_typed, &Debounce::trigger);
    connect(m_path, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.isEmpty())
            look();
    });
    connect(m_path, &QLineEdit::editingFinished, m_typed, &Debounce::flush);
    connect(m_browse, &QPushButton::clicked, this, &FileRow::browse);
    connect(m_tables, &QComboBox::activated, this,
            [this] { choose(m_tables->currentData().toString().toStdString()); });
    connect(&Theme::instance(), &Theme::changed, this, [this] { setStatus(m_status->text(), m_failed); });
}

QString FileRow::status() const
{
    return m_status->text();
}

void FileRow::setStatus(const QString &text, bool failed)
{
    m_failed = failed;
    m_status->setText(text);
    m_status->setVisible(!text.isEmpty());
    QPalette p;
    p.setColor(QPalette::WindowText, failed ? Theme::instance().error() : Theme::instance().mutedText());
    m_status->setPalette(p);
}

void FileRow::browse()
{
    QString folder = QFileInfo(m_path->text()).absolutePath();
    if (m_path->text().isEmpty())
        folder = QSettings().value(QLatin1String(lastFolder), QDir::homePath()).toString();
    const QString file = QFileDialog::getOpenFileName(
        this, m_name, folder,
        tr("Tables (*.csv *.tsv *.txt *.data *.dat *.item *.inter *.json *.jsonl *.feather *.arrow *.parquet *.gz "
           "*.zip);;All files (*)"));
    if (file.isEmpty())
        return;
    QSettings().setValue(QLatin1String(lastFolder), QFileInfo(file).absolutePath());
    setFile(file.toStdString());
}

void FileRow::setFile(const std::filesystem::path &file)
{
    const std::filesystem::path archive = onDisk(file);
    m_wanted = archive == file ? std::filesystem::path() : file;
    m_path->setText(QString::fromStdString(archive.string()));
    look();
}

void FileRow::clear()
{
    m_wanted.clear();
    m_path->clear();
    look();
}

void FileRow::choose(const std::filesystem::path &file)
{
    m_file = file;
    Q_EMIT chosen();
}

void FileRow::look()
{
    const QString text = m_path->text().trimmed();
    m_tables->hide();
    m_tables->clear();
    setStatus({}, false);
    if (text.isEmpty()) {
        m_looking->cancel();
        choose({});
        return;
    }
    m_looking->run([path = std::filesystem::path(text.toStdString())](
                       std::stop_token, const ProgressFn &) { return data::tablesIn(path); },
                   [this](const std::vector<std::filesystem::path> &tables) {
                       const QString archive = m_path->text().trimmed();
                       for (const auto &table : tables)
                           m_tables->addItem(QString::fromStdString(table.string()).mid(archive.size() + 1),
                                             QString::fromStdString(table.string()));
                       m_tables->setVisible(tables.size() > 1);
                       // An archive with one table in it is that table.
                       std::filesystem::path one =
                           tables.size() > 1 ? tables.front() : std::filesystem::path(archive.toStdString());
                       if (const int at = m_tables->findData(QString::fromStdString(m_wanted.string())); at >= 0) {
                           m_tables->setCurrentIndex(at);
                           one = m_wanted;
                       }
                       m_wanted.clear();
                       choose(one);
                   },
                   [this](const QString &failure) {
                       choose({});
                       setStatus(failure, true);
                   });
}

void FileRow::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void FileRow::dropEvent(QDropEvent *event)
{
    setFile(event->mimeData()->urls().front().toLocalFile().toStdString());
}

} // namespace apiary::widgets
