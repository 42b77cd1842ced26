package io.levada.testing;

import de.bwaldvogel.mongo.MongoServer;
import java.net.InetSocketAddress;

/// A server that speaks MongoDB's wire protocol, with its documents and its log in memory: mongo-java-server, with
/// change streams after MongoDB's manual. It is no MongoDB: what it shows is that driver and capture agree with the
/// protocol as it is written down.
public final class EmbeddedMongoServer implements AutoCloseable {
    private final MongoReplicaSet replicaSet = new MongoReplicaSet();
    private final MongoServer server = new MongoServer(replicaSet);
    private final InetSocketAddress address;

    private EmbeddedMongoServer() {
        server.enableOplog();
        address = server.bind();
    }

    public static EmbeddedMongoServer start() {
        return new EmbeddedMongoServer();
    }

    /// The connection string of a database.
    public String url(String database) {
        return "mongodb://127.0.0.1:" + address.getPort() + "/" + database;
    }

    /// Everything that is written in here is one transaction: its changes share their time.
    public void inTransaction(Runnable writes) {
        replicaSet.log().inTransaction(writes);
    }

    /// Forgets the log up to now.
    public void forgetLog() {
        replicaSet.log().forget();
    }

    /// Is no replica set from here on, or is one again.
    public void standalone(boolean alone) {
        replicaSet.standalone(alone);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
