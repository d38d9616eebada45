// How long the window's thread is blocked at most while training uses every core: opens the window on a spec, starts it,
// changes pages, hovers and zooms, and prints one JSON object.
//
//   bench_gui_block [SPEC.json] [--seconds N] [--project DIR]
#include "base/error.h"
#include "support/assets.h"
#include "widgets/shell/block_meter.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/page.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/run_controller.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/train_page.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QMouseEvent>
#include <QSettings>
#include <QTemporaryDir>
#include <QTextStream>
#include <QTimer>
#include <QWheelEvent>
#include <nlohmann/json.hpp>
#include <qcustomplot.h>
#include <thread>

using namespace apiary::widgets; // NOLINT(google-build-using-namespace): the program's one file

namespace {

/// What a restless user does, one act a tick.
class Hand : public QObject {
public:
    Hand(MainWindow &window, QObject *parent) : QObject(parent), m_window(window)
    {
        m_timer.setInterval(40);
        connect(&m_timer, &QTimer::timeout, this, [this] { act(); });
        m_timer.start();
    }

    void rest() { m_timer.stop(); }
    int acts() const { return m_acts; }

private:
    void act()
    {
        ++m_acts;
        const int phase = m_acts % 100;
        QCustomPlot *plot = m_window.trainPage()->curves()->plot();
        const QPointF at(plot->width() * (0.1 + 0.008 * phase), plot->height() * 0.5);
        if (phase == 0)
            m_window.setPage(MainWindow::Train);
        else if (phase == 70)
            m_window.setPage(MainWindow::Compare);
        else if (phase == 75)
            m_window.setPage(MainWindow::Explore);
        else if (phase == 80)
            m_window.setPage(MainWindow::Help);
        else if (phase == 85)
            m_window.setPage(MainWindow::Train);
        else if (phase == 90 || phase == 95)
            m_window.trainPage()->toggleTable();
        else if (phase == 50)
            m_window.trainPage()->curves()->fit();
        else if (phase > 40 && phase < 50) {
            QWheelEvent wheel(at, plot->mapToGlobal(at), {}, QPoint(0, phase % 2 ? 120 : -120), Qt::NoButton,
                              Qt::NoModifier, Qt::NoScrollPhase, false);
            QApplication::sendEvent(plot, &wheel);
        } else {
            QMouseEvent move(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
            QApplication::sendEvent(plot, &move);
        }
    }

    MainWindow &m_window;
    QTimer m_timer;
    int m_acts = 0;
};

} // namespace

int main(int argc, char **argv)
{
    const QTemporaryDir folder;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    QCoreApplication::setOrganizationName(QStringLiteral("ApiaryBench"));
    QCoreApplication::setApplicationName(QStringLiteral("ApiaryBench"));
    if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addPositionalArgument(QStringLiteral("SPEC.json"),
                                 QStringLiteral("what to train; the quickstart if left out"));
    parser.addOptions({{QStringLiteral("seconds"), QStringLiteral("how long to measure from the first step on"),
                        QStringLiteral("N"), QStringLiteral("60")},
                       {QStringLiteral("json"), QStringLiteral("accepted; the output always is JSON")},
                       {QStringLiteral("project"), QStringLiteral("project folder; a temporary one if left out"),
                        QStringLiteral("DIR")}});
    parser.process(application);

    MainWindow window;
    window.resize(1280, 800);
    const std::filesystem::path quickstart = apiary::tests::sourceFolder() / "projects/quickstart.json";
    const QString spec = parser.positionalArguments().value(0, QString::fromStdString(quickstart.string()));
    const QString project = parser.isSet(QStringLiteral("project")) ? parser.value(QStringLiteral("project"))
                                                                    : folder.filePath(QStringLiteral("project"));
    if (!window.openProject(project.toStdString()) || !window.trainPage()->openSpec(spec)) {
        QTextStream(stderr) << "bench_gui_block: " << window.messages()->text()
                            << window.trainPage()->formMessages()->text() << '\n';
        return 2;
    }
    window.show();
    BlockMeter meter;
    BlockMeter whole; // from Start to the end, reading and encoding included
    Hand hand(window, &application);
    RunController &controller = window.controller();
    int firstStep = 0;
    QObject::connect(&controller, &RunController::stateChanged, &application, [&] {
        if (firstStep != 0 || controller.state().step == 0)
            return;
        firstStep = controller.state().step;
        meter.start();
        QTimer::singleShot(parser.value(QStringLiteral("seconds")).toInt() * 1000, &controller, &RunController::stop);
    });
    QObject::connect(&controller, &RunController::finished, &application, [&] {
        meter.stop();
        whole.stop();
        hand.rest();
        QTimer::singleShot(0, &application, &QApplication::quit);
    });
    QTimer::singleShot(500, &application, [&] {
        whole.start();
        window.trainPage()->start();
        if (!controller.active())
            QApplication::exit(2);
    });
    if (const int status = QApplication::exec(); status != 0) {
        QTextStream(stderr) << "bench_gui_block: " << window.trainPage()->formMessages()->text() << '\n';
        return status;
    }
    const RunState &state = controller.state();
    nlohmann::ordered_json out;
    out["bench"] = "gui_block";
    out["platform"] = QGuiApplication::platformName().toStdString();
    out["status"] = apiary::run::name(state.status);
    out["steps"] = state.step;
    out["seconds_a_step"] = state.secondsAStep;
    out["cores"] = std::thread::hardware_concurrency();
    out["acts"] = hand.acts();
    out["beats"] = meter.beats();
    out["longest_block_ms"] = meter.longestMs();
    out["longest_block_core_wait_ms"] = meter.longestCoreWaitMs();
    out["p99_ms"] = meter.percentileMs(0.99);
    out["median_ms"] = meter.percentileMs(0.5);
    out["longest_cpu_ms"] = meter.longestCpuMs();
    out["longest_block_ms_whole_run"] = whole.longestMs();
    QTextStream(stdout) << QString::fromStdString(out.dump()) << '\n';
    return state.status == apiary::run::RunStatus::Failed ? 1 : 0;
}
