-- The tables of vendas with a few rows, for a MariaDB of your own (docker-compose.yaml starts one with this file).
-- `./levada demo` makes and fills its embedded database by itself.
CREATE TABLE orders (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cliente_email varchar(120) NOT NULL,
  estado enum('nova', 'paga', 'enviada', 'cancelada') NOT NULL,
  feita_em datetime(3) NOT NULL);
CREATE TABLE order_items (
  order_id int unsigned NOT NULL,
  linha tinyint unsigned NOT NULL,
  produto varchar(80) NOT NULL,
  quantidade int NOT NULL,
  preco decimal(10,2) NOT NULL,
  PRIMARY KEY (order_id, linha));
INSERT INTO orders (id, cliente_email, estado, feita_em)
SELECT seq, concat('cliente', 1 + seq % 50, '@example.com'), elt(1 + seq % 4, 'enviada', 'paga', 'nova', 'cancelada'),
  timestamp '2024-02-01 09:00:00' + INTERVAL 11 * seq HOUR
FROM seq_1_to_150;
INSERT INTO order_items (order_id, linha, produto, quantidade, preco)
SELECT o.seq, l.seq, elt(1 + (o.seq + l.seq) % 4, 'Laptop', 'Mouse', 'Keyboard', 'Monitor'), 1 + o.seq % 3,
  elt(1 + (o.seq + l.seq) % 4, 1200, 25, 75, 300)
FROM seq_1_to_150 AS o JOIN seq_1_to_2 AS l;
