//! Writes what well-known crates write when something fails.

use anyhow::Context;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{Span, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context as Parent, KeyValue};

fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    match what.as_str() {
        "tracing" => tracing(),
        "traces" => traces(),
        "logs" => logs(),
        "sentry" => sentry(),
        "panic" => println!("{}", cart::price("seven")),
        "async" => block_on(cart::pay("x")),
        "anyhow" => println!("{:?}", cart::load().unwrap_err()),
        _ => panic!("tracing, traces, logs, sentry, panic, async or anyhow"),
    }
}

mod cart {
    use anyhow::Context;

    #[inline(never)]
    pub fn price(text: &str) -> u32 {
        text.parse().unwrap()
    }

    pub async fn pay(text: &str) {
        std::future::ready(()).await;
        println!("{}", price(text));
    }

    pub fn load() -> anyhow::Result<String> {
        std::fs::read_to_string("/no/such/cart.json").context("reading the cart").context("opening the shop")
    }
}

fn block_on(future: impl std::future::Future<Output = ()>) {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}

fn tracing() {
    tracing_subscriber::fmt().json().with_writer(std::io::stdout).init();
    tracing::info!("up");
    let span = tracing::info_span!("request", id = 7);
    let _inside = span.enter();
    for rows in [4, 12] {
        tracing::error!(rows, user = "ann", "lost {rows} rows");
    }
    tracing::warn!(target: "shop::mail", "mail is slow");
}

fn traces() {
    let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_resource(resource())
        .build();
    let tracer = provider.tracer("shop");
    for number in [17, 4] {
        let root = tracer.start(format!("GET /users/{number}"));
        let parent = Parent::new().with_span(root);
        let mut query = tracer.start_with_context("SELECT users", &parent);
        query.set_attribute(KeyValue::new("error.type", "timeout"));
        query.set_status(Status::error("no answer after 5 s"));
        query.end();
        let fine = tracer.start_with_context("render", &parent);
        drop(fine);
        parent.span().set_status(Status::error("no answer"));
        parent.span().end();
    }
    let spans = exporter.get_finished_spans().unwrap();
    let resource = (&resource()).into();
    let grouped = opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope(spans, &resource);
    let request = opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest { resource_spans: grouped };
    println!("{}", serde_json::to_string(&request).unwrap());
}

fn resource() -> opentelemetry_sdk::Resource {
    opentelemetry_sdk::Resource::builder_empty().with_service_name("shop").build()
}

fn logs() {
    let exporter = opentelemetry_sdk::logs::InMemoryLogExporter::default();
    let provider = opentelemetry_sdk::logs::SdkLoggerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_resource(resource())
        .build();
    let logger = provider.logger("shop");
    for (severity, name, body) in [
        (Severity::Info, "INFO", "up"),
        (Severity::Error, "ERROR", "lost 4 rows"),
        (Severity::Error, "ERROR", "lost 12 rows"),
        (Severity::Warn, "WARN", "mail is slow"),
    ] {
        let mut record = logger.create_log_record();
        record.set_severity_number(severity);
        record.set_severity_text(name);
        record.set_body(body.into());
        logger.emit(record);
    }
    let emitted = exporter.get_emitted_logs().unwrap();
    let each: Vec<_> = emitted.iter().map(|log| (&log.record, &log.instrumentation)).collect();
    let batch = opentelemetry_sdk::logs::LogBatch::new(&each);
    let resource = (&resource()).into();
    let grouped = opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope(batch, &resource);
    let request = opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest { resource_logs: grouped };
    println!("{}", serde_json::to_string_pretty(&request).unwrap());
}

fn sentry() {
    std::panic::set_hook(Box::new(|_| {}));
    let options = sentry::ClientOptions { attach_stacktrace: true, ..Default::default() }
        .add_integration(sentry::integrations::panic::PanicIntegration::default());
    let events = sentry::test::with_captured_events_options(
        || {
            for text in ["seven", "nine"] {
                let _ = std::panic::catch_unwind(|| cart::price(text));
            }
            sentry::integrations::anyhow::capture_anyhow(&cart::load().context("starting").unwrap_err());
            sentry::capture_message("the shop is closed", sentry::Level::Warning);
        },
        options,
    );
    events.iter().for_each(|event| println!("{}", serde_json::to_string(event).unwrap()));
}
