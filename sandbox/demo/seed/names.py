"""Names and places the demo's customers are made of, by country.

Names in another script carry their Latin spelling after a slash, for the e-mail address.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """How people of one country are called, where they live and how their numbers look.

    In `street`, `postcode` and `phone` every # becomes a digit; `share` is relative.
    """

    country: str
    share: int
    first: str
    last: str
    cities: str
    streets: str
    street: str
    postcode: str
    phone: str


REGIONS = (
    Region(
        "DE", 30,
        "Anna,Björn,Clara,Dörte,Emil,Finja,Günther,Hannah,Ida,Jörg,Käthe,Lukas,Mira,Noah,Sören",
        "Müller,Schäfer,Weiß,Köhler,Hoffmann,Krüger,Böhm,Lindner,Sauer,Jäger,Grünwald,Voß,Nowak",
        "Berlin,Hamburg,München,Köln,Leipzig,Lübeck,Göttingen,Würzburg",
        "Lindenstraße,Am Mühlenbach,Goethestraße,Hafenweg,Königsallee,Schulgasse",
        "{} 1#", "1####", "+491515556####",
    ),
    Region(
        "AT", 7, "Theresa,Matthias,Leopold,Sophie,Valentin,Johanna",
        "Gruber,Steiner,Moser,Pichler,Österreicher,Wöss", "Wien,Graz,Linz,Salzburg",
        "Ringstraße,Kirchengasse,Mariahilfer Straße", "{} #", "10#0", "+43664555####",
    ),
    Region(
        "CH", 6, "Urs,Reto,Noëlle,Luca,Corinne,Beat", "Zürcher,Meier,Favre,Bühler,Rossi,Keller",
        "Zürich,Bern,Genève,Basel", "Bahnhofstrasse,Seeweg,Rue du Lac", "{} 2#", "80##",
        "+4179555####",
    ),
    Region(
        "FR", 9, "Amélie,Benoît,Chloé,François,Inès,Loïc,Zoé,Étienne",
        "Lefèvre,Dubois,Moreau,Chevalier,Garçon,Béranger,Noël", "Paris,Lyon,Nantes,Besançon,Nîmes",
        "rue des Lilas,avenue Victor Hugo,place du Marché", "1# {}", "750##", "+3361255####",
    ),
    Region(
        "GB", 9, "Oliver,Siobhan,Harriet,Rhys,Imogen,Callum,Priya,Zachary",
        "O'Connor,Hughes,Whitfield,Patel,Fairweather,MacLeod,Okafor",
        "London,Bristol,Edinburgh,Cardiff", "Mill Lane,Station Road,Orchard Street",
        "4# {}", "BS# 4TH", "+447400555###",
    ),
    Region(
        "US", 18, "Ethan,Madison,José,Keisha,Wyatt,Aaliyah,Mei,Logan",
        "Johnson,Nguyen,García,Washington,Miller,Kowalski,Begay,Thompson",
        "Portland,Austin,Chicago,Savannah,Santa Fe", "Maple Avenue,5th Street,Juniper Drive",
        "12# {}", "9721#", "+1503555####",
    ),
    Region(
        "IT", 6, "Giulia,Niccolò,Chiara,Matteo,Beatrice",
        "Esposito,Ferrari,D'Angelo,Colombo,Nardò", "Milano,Bologna,Torino,Forlì",
        "via Garibaldi,corso Italia,via dei Mille", "{} 3#", "201##", "+3933355####5",
    ),
    Region(
        "ES", 5, "Íñigo,Lucía,Begoña,Álvaro,Núria", "Núñez,Ibáñez,Castro,Peña,Muñoz",
        "Madrid,Sevilla,Logroño,A Coruña", "calle Mayor,avenida de la Constitución",
        "{} 2#", "280##", "+3461255####",
    ),
    Region(
        "PL", 5, "Łukasz,Małgorzata,Zofia,Stanisław,Żaneta",
        "Wójcik,Żak,Dąbek,Gąsior,Śliwa", "Warszawa,Kraków,Łódź,Gdańsk",
        "ulica Długa,ulica Słoneczna", "{} 1#", "00-9##", "+4851255####",
    ),
    Region(
        "SE", 4, "Åsa,Göran,Linnéa,Björn", "Sjöberg,Ångström,Lindqvist,Nyström",
        "Stockholm,Malmö,Göteborg,Umeå", "Storgatan,Björkvägen", "{} 1#", "114 5#",
        "+46701740###",
    ),
    Region(
        "GR", 4, "Ελένη/Eleni,Γιώργος/Giorgos,Δήμητρα/Dimitra,Νίκος/Nikos,Ιωάννα/Ioanna",
        "Παπαδημητρίου/Papadimitriou,Αντωνίου/Antoniou,Οικονόμου/Oikonomou,Γεωργίου/Georgiou",
        "Αθήνα,Θεσσαλονίκη,Πάτρα", "Ερμού,Αγίου Νικολάου", "{} 2#", "105 5#", "+3069455####5",
    ),
    Region(
        "UA", 4, "Олена/Olena,Тарас/Taras,Оксана/Oksana,Богдан/Bohdan,Ірина/Iryna",
        "Шевченко/Shevchenko,Коваленко/Kovalenko,Бондар/Bondar,Мельник/Melnyk",
        "Київ,Львів,Одеса", "вулиця Лесі Українки,Соборна площа", "{} 1#", "790##",
        "+38067555####",
    ),
    Region(
        "BG", 2, "Елена/Elena,Мария/Maria,Росица/Rositsa",
        "Иванова/Ivanova,Петрова/Petrova,Георгиева/Georgieva", "София,Пловдив",
        "улица Шипка,булевард Витоша", "{} 1#", "10##", "+35988755####",
    ),
    Region(
        "JP", 5, "陽菜/Hina,健太/Kenta,さくら/Sakura,大輔/Daisuke,美咲/Misaki",
        "佐藤/Sato,鈴木/Suzuki,高橋/Takahashi,渡辺/Watanabe,山本/Yamamoto",
        "東京都,大阪市,京都市,札幌市", "中央区銀座,北区梅田,左京区", "{} 3-1#", "104-00##",
        "+819055551###",
    ),
    Region(
        "TR", 3, "İpek/Ipek,Şule/Sule,Çağlar/Caglar,Ömer/Omer,Işıl/Isil",
        "Yılmaz/Yilmaz,Öztürk/Ozturk,Güneş/Gunes,Çelik/Celik", "İstanbul,İzmir,Ankara",
        "Bağdat Caddesi,Atatürk Bulvarı", "{} No: 1#", "340##", "+9053255####5",
    ),
    Region(
        "CZ", 2, "Kateřina,Šárka,Zdeňka,Jiřina", "Dvořáková,Černá,Růžičková,Němcová",
        "Praha,Brno,Plzeň", "Dlouhá,Nádražní", "{} 2#", "110 0#", "+420603555###",
    ),
    Region(
        "DK", 2, "Søren,Kirstine,Åge", "Sørensen,Mølgaard,Kjær", "København,Aarhus",
        "Strandvejen,Nørregade", "{} 1#", "21#0", "+452055####",
    ),
)  # fmt: skip

COMPANIES = {
    "DE": (
        "Blumenhaus Weber", "Hotel Seeblick", "Kontor & Söhne GmbH", "Praxis Dr. Böhm",
        "Kita Regenbogen", "Bäckerei Krume", "Architekturbüro Nord",
    ),
    "AT": ("Café Zimtstern", "Gasthof zur Post"),
    "CH": ("Studio Bergluft AG",),
    "FR": ("Atelier Lumière", "Hôtel du Lac"),
    "GB": ("The Paper Mill Ltd", "Harbour & Hill Cafés"),
    "US": ("Maple Street Interiors LLC", "Juniper Inn", "Tiny Press Co."),
    "IT": ("Ristorante Da Niccolò",),
    "ES": ("Librería Luna",),
    "SE": ("Studio Fjäll AB",),
    "GR": ("Εστιατόριο Θάλασσα",),
    "JP": ("株式会社さくら",),
}  # fmt: skip
