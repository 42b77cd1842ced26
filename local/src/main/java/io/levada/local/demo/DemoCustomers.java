package io.levada.local.demo;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/// The customers that all databases of the demo know, the same on every machine: all follows from their number.
final class DemoCustomers {
    /// How many there are at first, numbered from 0.
    static final int COUNT = 500;

    private static final List<String> FIRST_NAMES = List.of(
            "Ana",
            "Bruno",
            "Catarina",
            "Diogo",
            "Elisa",
            "Francisco",
            "Graça",
            "Hugo",
            "Inês",
            "João",
            "Leonor",
            "Manuel",
            "Nádia",
            "Óscar",
            "Paula",
            "Rui",
            "Sofia",
            "Tiago",
            "Úrsula",
            "Vasco");
    private static final List<String> LAST_NAMES = List.of(
            "Abreu",
            "Barros",
            "Camacho",
            "Drumond",
            "Esteves",
            "Freitas",
            "Gouveia",
            "Henriques",
            "Jardim",
            "Lemos",
            "Mendonça",
            "Nóbrega",
            "Ornelas",
            "Perestrelo",
            "Quintal",
            "Rodrigues",
            "Spínola",
            "Teles",
            "Vieira");
    private static final List<String> CITIES = List.of(
            "Funchal",
            "Machico",
            "Santana",
            "Calheta",
            "Ponta do Sol",
            "São Vicente",
            "Porto Moniz",
            "Lisboa",
            "Porto");

    /// One of them.
    record Customer(String name, String email, String city) {}

    private DemoCustomers() {}

    static Customer number(long number) {
        Random random = new Random(number);
        String first = FIRST_NAMES.get(random.nextInt(FIRST_NAMES.size()));
        String last = LAST_NAMES.get(random.nextInt(LAST_NAMES.size()));
        String email =
                (first.charAt(0) + last).toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "") + number + "@example.pt";
        return new Customer(first + " " + last, email, city(random));
    }

    static String city(Random random) {
        return CITIES.get(random.nextInt(CITIES.size()));
    }
}
