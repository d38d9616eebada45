// The window, and drawing a run's curves without one.
#include "base/error.h"
#include "base/process.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/train_page.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>
#include <QTextStream>
#include <QTimer>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

using namespace apiary::widgets; // NOLINT(google-build-using-namespace): the program's one file

namespace {

constexpr int usageMistake = 2;

/// The folder above the program that holds projects/quickstart.json: the source tree. Empty for an installed program.
QString sourceRoot()
{
    QDir folder(QCoreApplication::applicationDirPath());
    for (int i = 0; i < 5; ++i) {
        if (folder.exists(QStringLiteral("projects/quickstart.json")))
            return folder.absolutePath();
        if (!folder.cdUp())
            break;
    }
    return {};
}

QString defaultProject()
{
    const QString last = QSettings().value(QStringLiteral("project/last")).toString();
    if (!last.isEmpty() && QFileInfo::exists(last + QStringLiteral("/project.sqlite")))
        return last;
    const QString root = sourceRoot();
    if (!root.isEmpty())
        return root + QStringLiteral("/.apiary/projects/quickstart");
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/project");
}

int exportCurves(const QCommandLineParser &arguments)
{
    const QString project = arguments.value(QStringLiteral("project"));
    const QString out = arguments.value(QStringLiteral("out"));
    if (project.isEmpty() || out.isEmpty())
        throw apiary::InputError("--export-curves needs --project DIR and --out FILE", {}, "name both");
    const auto store = apiary::store::Project::open(project.toStdString(), apiary::store::Project::Mode::ReadOnly);
    const auto runs = store->runs();
    if (runs.empty())
        throw apiary::InputError("the project holds no run", project.toStdString(), "train one first");
    const qint64 wanted =
        arguments.isSet(QStringLiteral("run")) ? arguments.value(QStringLiteral("run")).toLongLong() : runs.front().id;
    const auto record = store->run(wanted);
    if (!record)
        throw apiary::InputError("the project has no run " + std::to_string(wanted), "--run",
                                 "leave it out for the latest");

    Theme::instance().setMode(arguments.isSet(QStringLiteral("dark")) ? Theme::Mode::Dark : Theme::Mode::Light, false);
    CurvePlot plot;
    plot.resize(1200, 900);
    if (arguments.value(QStringLiteral("x")) == QLatin1String("time"))
        plot.setAbscissa(CurvePlot::Abscissa::Time);
    plot.setRuns({{std::make_shared<RunCurves>(loadCurves(*store, *record)), static_cast<int>((wanted + 4) % 5)}});
    plot.drawNow();
    if (QFileInfo(out).suffix().compare(QLatin1String("csv"), Qt::CaseInsensitive) == 0)
        exportText(plot.csv(), out);
    else
        exportPlot(*plot.plot(), out, plot.size());
    QTextStream(stdout) << out << '\n';
    return 0;
}

int openWindow(const QCommandLineParser &arguments)
{
    QString spec = arguments.positionalArguments().value(0);
    if (spec.isEmpty() && !sourceRoot().isEmpty())
        spec = sourceRoot() + QStringLiteral("/projects/quickstart.json");
    MainWindow window;
    window.openProject(
        (arguments.isSet(QStringLiteral("project")) ? arguments.value(QStringLiteral("project")) : defaultProject())
            .toStdString());
    if (!spec.isEmpty())
        window.trainPage()->openSpec(spec);
    window.show();
    if (arguments.isSet(QStringLiteral("start")))
        QTimer::singleShot(0, &window, [&window] { window.trainPage()->start(); });
    return QApplication::exec();
}

void describeOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        QStringLiteral("Fine-tune sentence encoders on interactions and see what it changes."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("SPEC.json"),
                                 QStringLiteral("settings to open; the quickstart if left out"));
    parser.addOptions(
        {{QStringLiteral("project"), QStringLiteral("the project folder"), QStringLiteral("DIR")},
         {QStringLiteral("start"), QStringLiteral("start training at once")},
         {QStringLiteral("export-curves"), QStringLiteral("draw a run's curves into a file and exit")},
         {QStringLiteral("run"), QStringLiteral("which run; the latest if left out"), QStringLiteral("N")},
         {QStringLiteral("out"), QStringLiteral("the file: .png, .svg, .pdf or .csv"), QStringLiteral("FILE")},
         {QStringLiteral("x"), QStringLiteral("horizontal axis: step (default) or time"), QStringLiteral("AXIS")},
         {QStringLiteral("dark"), QStringLiteral("draw on a dark ground")}});
}

/// Help or the version: nothing that a window or a drawing is needed for.
bool asksForWordsOnly(int argc, char **argv)
{
    constexpr std::array words{"-h", "--help", "--help-all", "-v", "--version"};
    return std::any_of(argv + 1, argv + argc, [&words](const char *argument) {
        return std::any_of(words.begin(), words.end(),
                           [argument](const char *word) { return std::strcmp(argument, word) == 0; });
    });
}

} // namespace

int main(int argc, char **argv)
{
    apiary::prepareProcess(argv);
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], "--export-curves") == 0)
            qputenv("QT_QPA_PLATFORM", "offscreen"); // drawing needs no display
    QCoreApplication::setOrganizationName(QStringLiteral("Apiary"));
    QCoreApplication::setApplicationName(QStringLiteral("Apiary"));
    QCoreApplication::setApplicationVersion(QStringLiteral(APIARY_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("apiary"));
    QCommandLineParser parser;
    describeOptions(parser);
    if (asksForWordsOnly(argc, argv)) {
        const QCoreApplication words(argc, argv); // no display is needed for them
        parser.process(words);
    }
    const QApplication application(argc, argv);
    parser.process(application);
    try {
        return parser.isSet(QStringLiteral("export-curves")) ? exportCurves(parser) : openWindow(parser);
    } catch (const apiary::InputError &error) {
        QTextStream(stderr) << "apiary: " << error.what() << '\n';
        return usageMistake;
    } catch (const std::exception &error) {
        QTextStream(stderr) << "apiary: " << error.what() << '\n';
        return 1;
    }
}
