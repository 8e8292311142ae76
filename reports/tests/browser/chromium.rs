//! A headless Chromium, driven by its own protocol (DevTools) over a WebSocket.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// It looks for nothing outside, and leaves nothing of the user's behind.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
];
/// How long the browser may take for one answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);

/// One browser with one page; ends with its value.
pub(crate) struct Chromium {
    child: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    asked: u64,
    /// What it told without being asked.
    told: VecDeque<Value>,
    _profile: TempDir,
}

impl Chromium {
    /// `None`: there is no such program here.
    pub(crate) fn start() -> Option<Self> {
        let profile = TempDir::new().expect("a folder for the browser's profile");
        let child = PROGRAMS.iter().find_map(|program| spawn(program, profile.path()))?;
        Some(Self::of(child, profile))
    }

    fn of(mut child: Child, profile: TempDir) -> Self {
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned));
        // What it writes later must go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.expect("Chromium says where it listens");
        let (socket, _) = tungstenite::connect(&address).expect("Chromium answers");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(ANSWERS_WITHIN)).expect("a time limit can be set");
        }
        let mut browser = Self { child, socket, session: None, asked: 0, told: VecDeque::new(), _profile: profile };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = browser.call("Target.attachToTarget", &json!({ "targetId": page["targetId"], "flatten": true }));
        browser.session = Some(attached["sessionId"].as_str().expect("a session").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Asks for something, and waits for the answer.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let mut question = json!({ "id": self.asked, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            question["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(question.to_string())).expect("Chromium listens");
        loop {
            let said = self.next();
            if said["id"] == json!(self.asked) {
                assert!(said["error"].is_null(), "{method}: {}", said["error"]);
                return said["result"].clone();
            }
            self.told.push_back(said);
        }
    }

    fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("Chromium answers in time") {
                return serde_json::from_str(&text).expect("Chromium speaks JSON");
            }
        }
    }

    /// Opens a file, and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path) {
        self.told.clear();
        self.call("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.told.iter().any(|said| said["method"] == "Page.loadEventFired") {
            let said = self.next();
            self.told.push_back(said);
        }
    }

    /// The value of a script's last expression, awaited where it is a promise.
    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let order = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", &order);
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// What it told since the page was opened.
    pub(crate) fn told(&self) -> impl Iterator<Item = &Value> {
        self.told.iter()
    }
}

fn spawn(program: &str, profile: &Path) -> Option<Child> {
    let mut command = Command::new(program);
    command.args(FLAGS).arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
    // A browser that is run by root has no sandbox; it is shown nothing but our own pages.
    if is_root() {
        command.arg("--no-sandbox");
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
