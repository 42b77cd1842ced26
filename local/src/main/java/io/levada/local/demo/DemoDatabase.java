package io.levada.local.demo;

import java.io.IOException;
import java.util.Map;

/// One embedded database of the default example.
interface DemoDatabase extends AutoCloseable {
    /// The variables of `examples/lab/levada.yaml` that lead to it.
    Map<String, String> environment();

    /// Changes its rows, as its users would, until it is closed.
    void keepWriting();

    /// Ends the changes and stops the server in order.
    @Override
    void close() throws IOException;
}
