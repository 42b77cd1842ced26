package io.levada.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// The HTTP ports of the five services on 127.0.0.1: `first` and the four after it.
record LocalPorts(int first) {
    static final int DEFAULT_FIRST = 8080;

    LocalPorts {
        if (first < 1 || first > 65_535 - LevadaService.values().length + 1) {
            throw new LocalException(
                    LocalError.PORT_IN_USE,
                    "Port " + first + " leaves no room for five ports below 65536",
                    "Give a first port from 1 to 65531 with --port N");
        }
    }

    int of(LevadaService service) {
        return first + service.portOffset();
    }

    String url(LevadaService service) {
        return "http://127.0.0.1:" + of(service);
    }

    /// @throws LocalException where something listens on one of the ports
    void requireFree() {
        for (LevadaService service : LevadaService.values()) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), of(service)));
            } catch (IOException e) {
                throw new LocalException(
                        LocalError.PORT_IN_USE,
                        "Port " + of(service) + " of 127.0.0.1, for " + service.label() + ", is in use",
                        "Stop what listens there, or choose five other ports with --port N",
                        e);
            }
        }
    }

    /// Ports that nothing listens on, for what no user addresses.
    static List<Integer> unused(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("127.0.0.1 has no free port", e);
        } finally {
            sockets.forEach(LocalPorts::close);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
