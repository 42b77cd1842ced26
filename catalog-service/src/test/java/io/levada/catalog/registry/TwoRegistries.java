package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// Two catalog-services on one database, each with a connection of its own.
final class TwoRegistries {
    private static final int SCHEMAS = 40;

    private TwoRegistries() {}

    /// Opens the database; the two do so at once.
    @FunctionalInterface
    interface Opening {
        RegistryDatabase open() throws SQLException;
    }

    /// Both register the same schemas under one subject at the same time, in opposite orders.
    static void giveOneId(Opening opening) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<RegistryDatabase> first = threads.submit(opening::open);
            Future<RegistryDatabase> second = threads.submit(opening::open);
            try (RegistryDatabase one = first.get();
                    RegistryDatabase other = second.get()) {
                List<Callable<List<RegisteredSchema>>> registrations =
                        List.of(() -> register(one, false), () -> register(other, true));

                List<Future<List<RegisteredSchema>>> registered = threads.invokeAll(registrations);

                assertThat(registered.getFirst().get())
                        .containsExactlyInAnyOrderElementsOf(
                                registered.getLast().get());
                assertThat(new SchemaRegistry(one).versions("s", Shown.LIVE))
                        .extracting(RegisteredSchema::version)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, SCHEMAS).boxed().toList());
                assertThat(new SchemaRegistry(other).versions("s", Shown.LIVE))
                        .extracting(RegisteredSchema::id)
                        .doesNotHaveDuplicates()
                        .hasSize(SCHEMAS);
            }
        }
    }

    private static List<RegisteredSchema> register(RegistryDatabase database, boolean reversed) {
        SchemaRegistry registry = new SchemaRegistry(database);
        List<RegisteredSchema> registered = new ArrayList<>();
        for (int i = 0; i < SCHEMAS; i++) {
            int number = reversed ? SCHEMAS - 1 - i : i;
            registered.add(registry.register(
                    "s", AvroSchema.parse("{\"type\":\"record\",\"name\":\"r" + number + "\",\"fields\":[]}"), 0, 0));
        }
        return registered;
    }
}
