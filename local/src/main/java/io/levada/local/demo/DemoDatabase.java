package io.levada.local.demo;

import java.io.IOException;

/// One embedded database of the default example.
interface DemoDatabase extends AutoCloseable {
    /// Changes its rows, as its users would, until it is closed.
    void keepWriting();

    /// Ends the changes and stops the server in order.
    @Override
    void close() throws IOException;
}
